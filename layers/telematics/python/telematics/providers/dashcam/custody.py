"""Where footage came from and where it went: our own record of a request, kept in raw.

Written whenever a request is over, or goes on; the latest of a `clip_id` counts.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, TypeAlias

import msgspec

from telematics.datasets import PERSON
from telematics.providers.dashcam.datasets import MAKER
from telematics.versions import Row

Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]

DATASET = "clips"  # in raw and in the lake


class File(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of ours; `sha256` is of its exact bytes."""

    camera: str
    media_key: str
    sha256: str
    bytes: int
    content_type: str | None = None
    file_name: str | None = None
    stored_at: Instant | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`outcome` is the clip's last state, `missing` says why, by camera. `person` is the driver."""

    clip_id: str
    device: str
    camera: str
    requested_for: Instant
    duration_s: int
    requested_at: Instant
    requester: str
    reason: str
    person: str | None = None
    task_id: str | None = None
    outcome: str | None = None
    outcome_reason: str | None = None
    ended_at: Instant | None = None
    files: tuple[File, ...] = ()
    missing: dict[str, str] = {}


_record = msgspec.json.Decoder(Record)


def packed(record: Record) -> bytes:
    """The same bytes for the same record."""
    return msgspec.json.encode(record, order="sorted")


def unpacked(body: bytes) -> Record:
    """Raises msgspec.DecodeError."""
    return _record.decode(body)


def day(record: Record) -> date:
    """That of the request, which never changes: also of its key in raw."""
    return record.requested_at.astimezone(UTC).date()


def which(record: Record) -> Row:
    """The columns that all rows of a request have."""
    return {
        PERSON: record.person,
        "day": day(record),
        "clip_id": record.clip_id,
        MAKER: record.device,
        "requested_camera": record.camera,
        "requested_for": record.requested_for,
        "duration_s": record.duration_s,
        "requested_at": record.requested_at,
        "requester": record.requester,
        "reason": record.reason,
        "task_id": record.task_id,
        "outcome": record.outcome,
        "outcome_reason": record.outcome_reason,
        "ended_at": record.ended_at,
    }


def rows(record: Record) -> Iterator[Row]:
    """What differs between them: each file, and each camera that gave none; at least one row."""
    for file in record.files:
        yield msgspec.structs.asdict(file)
    for camera, reason in record.missing.items():
        yield {"camera": camera, "missing_because": reason}
    if not (record.files or record.missing):
        yield {}
