"""A bucket that keeps every version, and tells of each object that is put into it."""

import gzip
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telematics.raw import RawKey
from tests.unit.fakes import FakeS3, Item

THEN = datetime(2023, 6, 5, tzinfo=UTC)


@dataclass
class VersionedS3(FakeS3):
    """`versions` has the bytes of each, by key and id; `announced` the keys, until somebody looks.

    What is put in several parts is one version as well.
    """

    versions: dict[str, dict[str, bytes]] = field(default_factory=dict)
    announced: list[RawKey] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)

    def put_object(self, *, Body: Any, **arguments: Any) -> Item:  # noqa: N803
        body = Body if isinstance(Body, bytes) else Body.read()
        told = super().put_object(Body=body, **arguments)
        self._announce(arguments["Key"], body)
        return told

    def complete_multipart_upload(self, **arguments: Any) -> Item:
        told = super().complete_multipart_upload(**arguments)
        self._announce(arguments["Key"], self.objects[arguments["Key"]])
        return told

    def head_object(self, **arguments: Any) -> Item:
        return {**super().head_object(**arguments), "ContentType": "binary/octet-stream"}

    def list_object_versions(self, *, Prefix: str, **_: Any) -> Item:  # noqa: N803
        found = [
            {
                "Key": key,
                "VersionId": id,
                "LastModified": THEN,
                "Size": len(body),
                "IsLatest": id == max(versions, key=int),
            }
            for key, versions in self.versions.items()
            for id, body in versions.items()
            if key.startswith(Prefix)
        ]
        return {"Versions": found, "IsTruncated": False}

    def delete_objects(self, *, Delete: Mapping[str, Any], **_: Any) -> Item:  # noqa: N803
        for one in Delete["Objects"]:
            versions = self.versions[one["Key"]]
            del versions[one["VersionId"]]
            if not versions:
                del self.versions[one["Key"]], self.objects[one["Key"]]
        return {}

    def heard(self) -> list[RawKey]:
        """What was announced since the last time."""
        told, self.announced = self.announced, []
        return told

    def holds(self, name: str) -> bool:
        """Also in a version that is not the latest."""
        bodies = (body for versions in self.versions.values() for body in versions.values())
        return any(name.encode() in _plain(body) for body in bodies)

    def _announce(self, key: str, body: bytes) -> None:
        self.versions.setdefault(key, {})[str(next(self._numbers))] = body
        self.announced.append(RawKey.parse(key))


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
