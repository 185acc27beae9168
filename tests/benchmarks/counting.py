"""A lake and a raw zone on this machine that count what AWS would be asked for."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

from pyiceberg.io.pyarrow import PyArrowFile

from tests.unit.erasure_lake import BUCKET, LocalFiles, LocalLake
from tests.unit.fakes import FakeTable, Item, ledger
from tests.unit.gated_world import GatedWorld
from tests.unit.versioned_s3 import VersionedS3

OPENED = 2  # requests: how large it is, and what is in it
COMMIT = 2  # requests: the table as it is, and as it is to be
WRITE_UNIT = 1024  # bytes of an item that one write pays for
asked: Counter[str] = Counter()


class CountedFiles(LocalFiles):
    """Files of the lake, each read or written by so many requests."""

    def new_input(self, location: str) -> PyArrowFile:
        asked["s3_gets"] += OPENED
        return super().new_input(location)

    def new_output(self, location: str) -> PyArrowFile:
        asked["s3_puts"] += 1
        return super().new_output(location)


class CountedLake(LocalLake):
    """Glue is asked for a table, and told of a commit."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.properties["py-io-impl"] = f"{CountedFiles.__module__}.{CountedFiles.__name__}"

    def load_table(self, *arguments: Any, **named: Any) -> Any:  # Any: as pyiceberg has them
        asked["glue_requests"] += 1
        return super().load_table(*arguments, **named)

    def commit_table(self, *arguments: Any, **named: Any) -> Any:  # Any: as pyiceberg has them
        asked["glue_requests"] += COMMIT
        return super().commit_table(*arguments, **named)


class CountedS3(VersionedS3):
    """Raw."""

    def put_object(self, **arguments: Any) -> Item:
        asked["s3_puts"] += 1
        return super().put_object(**arguments)

    def head_object(self, **arguments: Any) -> Item:
        asked["s3_gets"] += 1
        return super().head_object(**arguments)

    def get_object(self, **arguments: Any) -> Item:
        asked["s3_gets"] += 1
        return super().get_object(**arguments)


class CountedTable(FakeTable):
    """The ledger: a write is paid for by the size of its item."""

    def get_item(self, **arguments: Any) -> Item:
        asked["dynamodb_reads"] += 1
        return super().get_item(**arguments)

    def update_item(self, *, Key: Any, **arguments: Any) -> Item:  # noqa: N803
        told = super().update_item(Key=Key, **arguments)
        size = len(str(self.items[" ".join(Key.values())]))
        asked["dynamodb_writes"] += -(-size // WRITE_UNIT)
        return told


@dataclass
class CountedWorld:
    """All that work on raw objects touches, in a folder."""

    root: Path
    world: GatedWorld = field(init=False)

    def __post_init__(self) -> None:
        lake, table = CountedLake(self.root), CountedTable()
        self.world = GatedWorld(lake, s3=CountedS3(), ledger=ledger(table))

    def stored(self) -> int:
        """Bytes of data in the lake."""
        files = (self.root / BUCKET).rglob("data/**/*.parquet")
        return sum(one.stat().st_size for one in files)


@contextmanager
def counted() -> Iterator[dict[str, float]]:
    """What is asked for within, and the processor's seconds that it takes; known at its end."""
    found: dict[str, float] = {}
    asked.clear()
    began = process_time()
    yield found
    found |= {"seconds": process_time() - began, **asked}
