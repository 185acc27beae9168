"""The raw zone: exact bytes, under a key that is spelt from the identity of what they are."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import IO, TYPE_CHECKING, Protocol, Self, cast
from urllib.parse import quote, unquote

import boto3
from botocore.exceptions import ClientError

from telematics.errors import MalformedPayload
from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 << 20
_KEY = re.compile(
    r"(?P<provider>[a-z_]+)/(?P<dataset>[a-z0-9_]+)/day=(?P<day>\d{4}-\d{2}-\d{2})"
    r"/(?P<identity>[^/.]+)\.(?P<extension>[^/]+)"
)


class Key(Protocol):
    """How an object is called: here a RawKey, elsewhere a MediaKey. `str` spells it."""

    @property
    def file_name(self) -> str: ...


@dataclass(frozen=True)
class RawKey:
    """`<provider>/<dataset>/day=<YYYY-MM-DD>/<identity>.<ext>`.

    `day` is the day of the provider's file or delivery, not the day on which somebody drove.
    """

    provider: str
    dataset: str
    day: date
    identity: str
    extension: str

    @property
    def file_name(self) -> str:
        return f"{quote(self.identity, safe='').replace('.', '%2E')}.{self.extension}"

    @property
    def file(self) -> str:
        """The key's place in the ledger: `<day>/<dataset>/<identity>.<ext>`."""
        return f"{self.day.isoformat()}/{self.dataset}/{self.file_name}"

    def __str__(self) -> str:
        return f"{self.provider}/{self.dataset}/day={self.day.isoformat()}/{self.file_name}"

    @classmethod
    def parse(cls, key: str) -> Self:
        parts = _KEY.fullmatch(key)
        if parts is None:
            raise MalformedPayload(f"not a key of the raw zone: {key}")
        try:
            day = date.fromisoformat(parts["day"])
        except ValueError as error:
            raise MalformedPayload(f"no such day in the raw zone's key {key}") from error
        return cls(
            provider=parts["provider"],
            dataset=parts["dataset"],
            day=day,
            identity=unquote(parts["identity"]),
            extension=parts["extension"],
        )


@dataclass(frozen=True)
class Provenance:
    """Where an object in raw came from; kept as its metadata.

    S3 wants the metadata of an object of several parts before its first part, when nobody knows
    the digest of the whole yet; copying the object to add it would announce it a second time. So
    only an object that fits one part carries its `sha256` itself; of every object that was
    fetched, the ledger and the event `Offload Stored` have it.
    """

    fetched_at: str
    request_id: str = ""
    sha256: str = ""
    content_type: str = "binary/octet-stream"  # which is what S3 says of what nobody described

    def metadata(self) -> Mapping[str, str]:
        known = {
            "sha256": self.sha256,
            "fetched-at": self.fetched_at,
            "provider-request-id": _header_text(self.request_id),
        }
        return {name: value for name, value in known.items() if value}


def _header_text(text: str) -> str:
    """Metadata travels in headers, and is ours only in part."""
    return "".join(one for one in text if one.isascii() and one.isprintable())[:128]


@dataclass(frozen=True)
class StoredObject:
    """What S3 holds now. What nobody told is empty; `sha256` is that of the exact bytes."""

    etag: str
    size: int
    sha256: str = ""
    fetched_at: str = ""


@dataclass(frozen=True)
class Zone:
    """A bucket of what providers sent: raw, or the media bucket."""

    bucket: str
    client: "S3Client"

    def put(self, key: Key, body: bytes, provenance: Provenance) -> StoredObject:
        digest = hashlib.sha256(body).hexdigest()
        answer = self.client.put_object(
            Bucket=self.bucket,
            Key=str(key),
            Body=body,
            Metadata=replace(provenance, sha256=digest).metadata(),
            ContentType=provenance.content_type,
        )
        return StoredObject(plain_etag(answer["ETag"]), len(body), digest)

    def put_once(self, key: Key, body: bytes, provenance: Provenance) -> bool:
        """For keys spelt from the bytes themselves: what is there already is the same.

        Whether it was new. A repeat writes nothing, and so announces nothing.
        """
        digest = hashlib.sha256(body).hexdigest()
        try:
            self.client.put_object(
                Bucket=self.bucket,
                Key=str(key),
                Body=body,
                Metadata=replace(provenance, sha256=digest).metadata(),
                IfNoneMatch="*",
            )
        except ClientError as error:
            match error.response["Error"]["Code"]:
                case "PreconditionFailed":
                    return False
                case "ConditionalRequestConflict":
                    # Somebody writes or deletes it at this moment, and may yet fail: make sure.
                    self.put(key, body, provenance)
                case _:
                    raise
        return True

    def head(self, key: Key) -> StoredObject | None:
        try:
            answer = self.client.head_object(Bucket=self.bucket, Key=str(key))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            raise
        told = answer["Metadata"]
        return StoredObject(
            plain_etag(answer["ETag"]),
            answer["ContentLength"],
            told.get("sha256", ""),
            told.get("fetched-at", ""),
        )

    def open(self, key: Key, etag: str) -> IO[bytes]:
        """The bytes of this very version of an object, or an error: never those of another."""
        answer = self.client.get_object(Bucket=self.bucket, Key=str(key), IfMatch=f'"{etag}"')
        return cast(IO[bytes], answer["Body"])

    def upload(self, key: Key, provenance: Provenance) -> "Upload":
        return Upload(self, key, provenance)


def plain_etag(etag: str) -> str:
    """As events spell it; in headers it stands in quotation marks."""
    return etag.strip('"')


class Upload:
    """An object written piece by piece in flat memory; nobody sees it before it is complete.

    Leave its `with` block without completing it, and nothing was ever stored.
    """

    def __init__(self, zone: Zone, key: Key, provenance: Provenance) -> None:
        self.size = 0
        self._zone = zone
        self._key = key
        self._provenance = provenance
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._id = ""
        self._parts: list[CompletedPartTypeDef] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._id:
            self._zone.client.abort_multipart_upload(
                Bucket=self._zone.bucket, Key=str(self._key), UploadId=self._id
            )

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self._digest.update(data)
        self._waiting += data
        while len(self._waiting) > PART_BYTES:
            self._send(PART_BYTES)

    def complete(self) -> StoredObject:
        if not self._id:
            return self._zone.put(self._key, bytes(self._waiting), self._provenance)
        self._send(len(self._waiting))
        answer = self._zone.client.complete_multipart_upload(
            Bucket=self._zone.bucket,
            Key=str(self._key),
            UploadId=self._id,
            MultipartUpload={"Parts": self._parts},
        )
        self._id = ""
        return StoredObject(plain_etag(answer["ETag"]), self.size, self._digest.hexdigest())

    def _send(self, length: int) -> None:
        self._id = self._id or self._begin()
        number = len(self._parts) + 1
        with memoryview(self._waiting) as waiting:
            body = bytes(waiting[:length])
        answer = self._zone.client.upload_part(
            Bucket=self._zone.bucket,
            Key=str(self._key),
            UploadId=self._id,
            PartNumber=number,
            Body=body,
            ChecksumAlgorithm="CRC32",
        )
        part: CompletedPartTypeDef = {"PartNumber": number, "ETag": answer["ETag"]}
        if checksum := answer.get("ChecksumCRC32"):
            part["ChecksumCRC32"] = checksum
        self._parts.append(part)
        del self._waiting[:length]

    def _begin(self) -> str:
        answer = self._zone.client.create_multipart_upload(
            Bucket=self._zone.bucket,
            Key=str(self._key),
            Metadata=self._provenance.metadata(),
            ContentType=self._provenance.content_type,
            ChecksumAlgorithm="CRC32",
        )
        return answer["UploadId"]


@cache
def deployed() -> Zone:
    """The raw zone of the stack that this function belongs to."""
    return Zone(settings().raw_bucket, boto3.client("s3"))
