"""Real Iceberg tables whose files seem to lie in S3: `s3://lake/...` is a folder on disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO

BUCKET = "lake"
ROOT = "root"
Before = Callable[[str], object]
_watching: dict[str, Before] = {}  # by root: pyiceberg makes the next class by its name


def unwatched(change: str) -> None:
    """Nobody wants to know."""


class LocalFiles(PyArrowFileIO):
    """Whoever watches is told of each file that is about to be written or deleted."""

    @staticmethod
    def parse_location(location: str, properties: Any = None) -> tuple[str, str, str]:
        place = urlsplit(location)
        return "file", "", f"{properties[ROOT]}/{place.netloc}{place.path}"

    def new_output(self, location: str) -> PyArrowFile:
        self._before(f"write {location.rpartition('.')[2]}")
        return super().new_output(location)

    def delete(self, location: Any) -> None:
        self._before("delete a file")
        super().delete(location)

    def _before(self, change: str) -> None:
        _watching[self.properties[ROOT]](change)


class LocalLake(SqlCatalog):
    """In `root`, so that a copy of that folder is a copy of the lake."""

    def __init__(self, root: Path, before: Before = unwatched) -> None:
        self._before = _watching[str(root)] = before
        (root / BUCKET).mkdir(parents=True, exist_ok=True)
        properties = {
            "uri": f"sqlite:///{root}/catalog.db",
            "warehouse": f"s3://{BUCKET}/warehouse",
            "py-io-impl": f"{LocalFiles.__module__}.{LocalFiles.__name__}",
            ROOT: str(root),
        }
        super().__init__("local", **properties)
        self.create_namespace_if_not_exists("telematics")

    def commit_table(self, *arguments: Any, **named: Any) -> Any:  # Any: as pyiceberg has them
        self._before("commit")
        return super().commit_table(*arguments, **named)
