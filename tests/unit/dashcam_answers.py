"""Answers of VisionMax's API in raw, and the rows that are made of them."""

import gzip
import json
from datetime import UTC, date, datetime
from typing import Any

from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.providers.dashcam import rows
from telematics.providers.dashcam.about import Event
from telematics.raw import RawKey
from telematics.versions import Contents
from tests.unit.dashcam_server import EVENT

NOON = datetime(2024, 3, 7, 12, tzinfo=UTC)
DAY = date(2024, 3, 5)
ABOUT = str(Event(EVENT, 1709622750, "cid-0001", "17"))


def key(dataset: str = "events", day: date = DAY) -> RawKey:
    return RawKey("dashcam", dataset, day, "a", "json.gz")


def read(*entries: tuple[str, bytes, str | None], dataset: str = "events") -> Contents:
    kept = [Entry(asked, NOON, body, trip) for asked, body, trip in entries]
    return rows.contents(key(dataset), gzip.decompress(envelope.packed(kept)), NOON)


def of(found: Contents, dataset: str) -> list[dict[str, Any]]:
    return [dict(row) for thing in found.things for row in thing.rows.get(dataset, ())]


def one(asked: str, *data: Any, trip: str | None = None) -> Contents:
    body = json.dumps({"result": True, "code": "S00000", "data": list(data)}).encode()
    return read((asked, body, trip))
