"""All buckets of an account, in memory: every version of every object; a lake is files on disk."""

import io
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tests.unit.fakes import Item, etag, refusal

SOON = datetime(2023, 6, 5, tzinfo=UTC)
NULL = "null"  # how S3 calls the only version of what has none


class NoSuchKey(ClientError):
    """As boto3 makes it."""


class Exceptions:
    """Those of a client."""

    NoSuchKey = NoSuchKey


@dataclass
class Stored:
    """One version; a mark that it was deleted has no body."""

    id: str
    body: bytes | None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass
class FakeBuckets:
    """`before` is called with each change before it is made; `lake` is the folder of a bucket.

    Buckets named in `plain` keep no versions.
    """

    lake: Path
    before: Callable[[str], object] = lambda change: None
    page_size: int = 1000
    plain: frozenset[str] = frozenset({"results"})
    objects: dict[str, dict[str, list[Stored]]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    calls: int = 0
    exceptions: type[Exceptions] = Exceptions
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def put_object(self, *, Bucket: str, Key: str, Body: Any, **told: Any) -> Item:  # noqa: N803
        body = Body if isinstance(Body, bytes) else Body.read()
        self.before(f"put {Bucket}/{Key}")
        versions = self._bucket(Bucket).setdefault(Key, [])
        if Bucket in self.plain:
            versions.clear()
        versions.append(Stored(f"{next(self._numbers):06}", body, told.get("Metadata", {})))
        return {"ETag": f'"{etag(body)}"'}

    def head_object(self, *, Bucket: str, Key: str) -> Item:  # noqa: N803
        found = self._latest(Bucket, Key)
        if found is None or found.body is None:
            raise refusal("404", "HeadObject")
        told = {"ContentType": "binary/octet-stream", "Metadata": found.metadata}
        return {"ETag": f'"{etag(found.body)}"', "ContentLength": len(found.body), **told}

    def get_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        VersionId: str = "",  # noqa: N803
        IfMatch: str = "",  # noqa: N803
    ) -> Item:
        if Bucket == self.lake.name:
            return {"Body": io.BytesIO((self.lake / Key).read_bytes())}
        versions = self._bucket(Bucket).get(Key, [])
        chosen = [one for one in versions if VersionId in ("", one.id)]
        if not chosen or chosen[-1].body is None:
            raise NoSuchKey({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        body = chosen[-1].body
        if IfMatch not in ("", f'"{etag(body)}"'):
            raise refusal("PreconditionFailed", "GetObject")
        return {"Body": io.BytesIO(body)}

    def delete_object(self, *, Bucket: str, Key: str) -> Item:  # noqa: N803
        self.before(f"delete {Bucket}/{Key}")
        if Bucket in self.plain:
            self._bucket(Bucket).pop(Key, None)
        else:
            versions = self._bucket(Bucket).setdefault(Key, [])
            versions.append(Stored(f"{next(self._numbers):06}", None))
        return {}

    def delete_objects(self, *, Bucket: str, Delete: Mapping[str, Any]) -> Item:  # noqa: N803
        assert 0 < len(Delete["Objects"]) <= 1000
        errors = [
            {"Code": "InternalError"} for one in Delete["Objects"] if one["Key"] in self.refused
        ]
        for one in Delete["Objects"]:
            if one["Key"] not in self.refused:
                self.before(f"delete {Bucket}/{one['Key']} {one['VersionId']}")
                self._delete(Bucket, one["Key"], one["VersionId"])
        return {"Errors": errors} if errors else {}

    def list_object_versions(
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str = "",  # noqa: N803
        Delimiter: str = "",  # noqa: N803
        KeyMarker: str = "",  # noqa: N803
        VersionIdMarker: str = "",  # noqa: N803
    ) -> Item:
        """By key, the latest version first. What is under a folder counts as one."""
        self.calls += 1
        found = self._listed(Bucket, Prefix, Delimiter, KeyMarker, VersionIdMarker)
        page = list(itertools.islice(found, self.page_size + 1))
        told: Item = {"IsTruncated": len(page) > self.page_size}
        for kind, one in page[: self.page_size]:
            told.setdefault(kind, []).append(one)
        if told["IsTruncated"]:
            last = page[self.page_size - 1][1]
            told["NextKeyMarker"] = last.get("Key") or last["Prefix"]
            told["NextVersionIdMarker"] = last.get("VersionId", "")
        return told

    def get_paginator(self, name: str) -> "FakeBuckets":
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[Item]:  # noqa: N803
        keys = [
            key
            for key, versions in sorted(self._bucket(Bucket).items())
            if key.startswith(Prefix) and versions and versions[-1].body is not None
        ]
        for start in range(0, len(keys), self.page_size):
            yield {"Contents": [{"Key": key} for key in keys[start : start + self.page_size]]}
        yield {}

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Of every version in every bucket, by its place."""
        for bucket, objects in self.objects.items():
            for key, versions in objects.items():
                yield from ((f"{bucket}/{key}", one.body or b"") for one in versions)
        for path in sorted(self.lake.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(self.lake.parent)), path.read_bytes()

    def _bucket(self, name: str) -> dict[str, list[Stored]]:
        return self.objects.setdefault(name, {})

    def _latest(self, bucket: str, key: str) -> Stored | None:
        versions = self._bucket(bucket).get(key)
        return versions[-1] if versions else None

    def _delete(self, bucket: str, key: str, id: str) -> None:
        if bucket == self.lake.name:
            (self.lake / key).unlink(missing_ok=True)
            return
        versions = self._bucket(bucket).get(key, [])
        versions[:] = [one for one in versions if one.id != id]
        if not versions:
            self._bucket(bucket).pop(key, None)

    def _listed(
        self, bucket: str, prefix: str, delimiter: str, marker: str, version_marker: str
    ) -> Iterator[tuple[str, Item]]:
        folder, is_past = "", False
        for key, kind, one in self._versions(bucket, prefix):
            if key < marker or (key == marker and not is_past):
                is_past = key == marker and one["VersionId"] == version_marker
                continue
            rest = key.removeprefix(prefix)
            if delimiter and delimiter in rest:
                if (inside := f"{prefix}{rest.partition(delimiter)[0]}/") not in (folder, marker):
                    folder = inside
                    yield "CommonPrefixes", {"Prefix": folder}
                continue
            yield kind, one

    def _versions(self, bucket: str, prefix: str) -> Iterator[tuple[str, str, Item]]:
        if bucket == self.lake.name:
            yield from self._files(prefix)
            return
        for key, versions in sorted(self._bucket(bucket).items()):
            if not key.startswith(prefix):
                continue
            for place, one in enumerate(reversed(versions)):
                told = {"Key": key, "VersionId": one.id, "IsLatest": place == 0}
                told["LastModified"] = SOON + timedelta(seconds=int(one.id))
                if one.body is None:
                    yield key, "DeleteMarkers", told
                else:
                    yield key, "Versions", {**told, "Size": len(one.body)}

    def _files(self, prefix: str) -> Iterator[tuple[str, str, Item]]:
        found = (one for one in self.lake.rglob("*") if one.is_file())
        for key, path in sorted((str(one.relative_to(self.lake)), one) for one in found):
            if key.startswith(prefix) and (told := _told(path)):
                since = datetime.fromtimestamp(told.st_mtime, UTC)
                facts = {"LastModified": since, "Size": told.st_size, "IsLatest": True}
                yield key, "Versions", {"Key": key, "VersionId": NULL, **facts}


def _told(path: Path) -> os.stat_result | None:
    """None of a file that somebody else has deleted meanwhile."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None
