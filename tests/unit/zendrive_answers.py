"""What Zendrive sends, as raw objects that are read: callbacks, notifications and answers."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.merging import Arrival
from telematics.providers.zendrive import rows
from telematics.providers.zendrive.about import Subject
from telematics.raw import RawKey
from telematics.versions import Contents

PAYLOADS = Path(__file__).parent.parent / "payloads"
DRIVER = "391695020081806"
TRIP = "1700931431685"  # the second of the vendor's sample, with the collision
COLLISION = "1700936581325"
DAY = date(2023, 11, 24)
NOON = datetime(2023, 11, 26, 12, tzinfo=UTC)

Json = dict[str, Any]  # Any: JSON of any shape


def payload(name: str) -> bytes:
    folder = "webhooks" if name.startswith("zendrive_") else "zendrive"
    return (PAYLOADS / folder / f"{name}.json").read_bytes()


def told(name: str = "vendors_sample") -> Json:
    found: Json = json.loads(payload(name))
    return found


def arrival(dataset: str, body: bytes, minute: int = 0) -> Arrival:
    identity = hashlib.sha256(body).hexdigest()
    fetched_at = NOON + timedelta(minutes=minute)
    key = RawKey("zendrive", dataset, DAY, f"{identity}-{minute}", "json")
    return Arrival(key, rows.contents(key, body, fetched_at))


def called_back(body: bytes | Json, minute: int = 0) -> Arrival:
    exact = body if isinstance(body, bytes) else json.dumps(body).encode()
    return arrival("collision_details", exact, minute)


def notified(body: bytes | Json, minute: int = 0) -> Arrival:
    exact = body if isinstance(body, bytes) else json.dumps(body).encode()
    return arrival("notifications", exact, minute)


def asked(call: str, about: str, body: bytes | Json, minute: int = 0) -> Arrival:
    """An answer to `collision` or `trip`."""
    exact = body if isinstance(body, bytes) else json.dumps(body).encode()
    entry = Entry(call, NOON + timedelta(minutes=minute), exact, str(Subject(DRIVER, about)))
    return arrival(f"{call}_reads", gzip.decompress(envelope.packed([entry])), minute)


def of(found: Contents, dataset: str) -> list[Json]:
    """The rows of a dataset, whatever they are made of."""
    parts: Sequence[Any] = [one.rows.get(dataset, ()) for one in found.things]
    return [
        dict(row)
        for part in parts
        for row in (part.to_pylist() if isinstance(part, pa.Table) else part)
    ]
