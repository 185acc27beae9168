"""Files of the simulator of Sentiance, taken from its shelf and read again."""

import csv
import io
import json
import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from tests.sandbox.simulators.sentiance.faults import Fault, Faults
from tests.sandbox.simulators.sentiance.files import catalog
from tests.sandbox.simulators.sentiance.files.file import Edition, Facts
from tests.sandbox.simulators.sentiance.files.layout import Layout
from tests.sandbox.simulators.sentiance.settings import Settings
from tests.sandbox.simulators.sentiance.shelf import Shelf

DAY = date(2023, 6, 6)
NOW = datetime(2023, 6, 20, 15, tzinfo=UTC)
GZIP = 16 + zlib.MAX_WBITS
NAMES = [layout.name for layout in catalog.LAYOUTS]
# Without rows on most days of so few people.
RARE = {"crash_insights"}


def shelf(faults: Sequence[Fault] = (), *, now: datetime = NOW, users: int = 25) -> Shelf:
    store = Faults()
    store.add(faults)
    return Shelf(Settings(users=users, now=lambda: now), store)


def taken(shelf: Shelf, name: str, day: date = DAY) -> tuple[Facts, bytes]:
    return shelf.take(edition(shelf, name, day))


def edition(shelf: Shelf, name: str, day: date = DAY) -> Edition:
    return shelf.editions(day, catalog.BY_NAME[name])[0]


def text(content: bytes) -> str:
    """All members; raises zlib.error where it is damaged."""
    whole = b""
    while content:
        member = zlib.decompressobj(GZIP)
        whole += member.decompress(content)
        if not member.eof:
            raise zlib.error("truncated")
        content = member.unused_data
    return whole.decode()


def records(content: bytes, layout: Layout) -> list[dict[str, Any]]:  # Any: as they come
    if layout.format == "json.gz":
        return [json.loads(line) for line in text(content).splitlines()]
    csv.field_size_limit(1 << 20)
    return list(csv.DictReader(io.StringIO(text(content), newline="")))


def records_of(name: str, day: date = DAY) -> list[dict[str, Any]]:  # Any: as they come
    return records(taken(shelf(), name, day)[1], catalog.BY_NAME[name])
