"""Objects read once more: do their bytes still have the digest that was noted when they came?"""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE_BYTES = 1 << 20
LARGEST_BYTES = 256 << 20  # what is larger is not read again for one dossier
VERIFIED, DIFFERS, UNRECORDED, UNREAD, GONE = (
    "verified",
    "differs from what was recorded",
    "no digest was recorded",
    "too large to be read again",
    "not there any more",
)


@dataclass(frozen=True)
class Sealed:
    """`sha256` is of the bytes as they are now, `recorded` as they came."""

    key: str
    bytes: int = 0
    sha256: str = ""
    recorded: str = ""
    fetched_at: str = ""
    request_id: str = ""
    content_type: str = ""
    is_there: bool = True

    @property
    def verdict(self) -> str:
        if not self.is_there:
            return GONE
        if not self.sha256:
            return UNREAD
        if not self.recorded:
            return UNRECORDED
        return VERIFIED if self.sha256 == self.recorded else DIFFERS


@dataclass(frozen=True)
class Bucket:
    """Raw, or the media bucket."""

    client: "S3Client"
    name: str

    def sealed(self, key: str, recorded: str = "", *, into: IO[bytes] | None = None) -> Sealed:
        """Reads it, and keeps a copy where one is wanted."""
        from botocore.exceptions import ClientError

        try:
            answer = self.client.get_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return Sealed(key, recorded=recorded, is_there=False)
            raise
        told: Mapping[str, str] = answer["Metadata"]
        size, digest = answer["ContentLength"], ""
        with closing(answer["Body"]) as body:
            if into is not None or size <= LARGEST_BYTES:
                digest = _digest(body, into)
        return Sealed(
            key,
            size,
            digest,
            recorded or told.get("sha256", ""),
            told.get("fetched-at", ""),
            told.get("provider-request-id", ""),
            answer.get("ContentType", ""),
        )

    def keys(self, folder: str) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.name, Prefix=folder)
        return [one["Key"] for page in found for one in page.get("Contents", ())]


def _digest(body: object, into: IO[bytes] | None) -> str:
    digest = hashlib.sha256()
    while piece := body.read(PIECE_BYTES):  # type: ignore[attr-defined]  # botocore's stream
        digest.update(piece)
        if into is not None:
            into.write(piece)
    return digest.hexdigest()
