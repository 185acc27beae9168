"""The media bucket: videos, snapshots and tracks, under the event or the request they belong to."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import boto3

from telematics.moments import stamp
from telematics.raw import Provenance, StoredObject, Upload, Zone
from telematics.settings import settings

LONGEST_NAME = 120
UNNAMED = "unnamed"
UNTYPED = "binary/octet-stream"
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class MediaKey:
    """`<provider>/<event or clip>/<file>`."""

    text: str

    @property
    def file_name(self) -> str:
        return self.text.rsplit("/", maxsplit=1)[-1]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Media:
    """Objects of many megabytes, written piece by piece."""

    zone: Zone

    def head(self, key: str) -> StoredObject | None:
        return self.zone.head(MediaKey(key))

    def upload(self, key: str, *, content_type: str, now: datetime, request_id: str = "") -> Upload:
        kind = content_type.split(";")[0].strip().lower()
        kind = kind if _TYPE.fullmatch(kind) else UNTYPED
        return self.zone.upload(
            MediaKey(key), Provenance(stamp(now), request_id, content_type=kind)
        )


def safe_name(text: str) -> str:
    """What a provider calls a file, as a part of a key: it leads nowhere, and hides nothing.

    Of a name that is too long the end is kept, which tells what kind of file it is.
    """
    last = text.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    plain = _UNSAFE.sub("_", last).strip("._-")
    return plain[-LONGEST_NAME:].lstrip("._-") or UNNAMED


@cache
def deployed() -> Media:
    """The media bucket of the stack that this function belongs to."""
    return Media(Zone(settings().media_bucket, boto3.client("s3")))
