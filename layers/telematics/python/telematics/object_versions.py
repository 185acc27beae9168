"""Objects of a bucket in all their versions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from telematics.errors import TelematicsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

MOST_AT_ONCE = 1_000  # that S3 deletes in one call


class NotDeleted(TelematicsError):
    """S3 kept versions that were to go; the same again may work."""


class Version(NamedTuple):
    """One version of an object, or a mark that it was deleted."""

    key: str
    id: str
    since: datetime
    size: int
    is_latest: bool
    is_mark: bool


@dataclass(frozen=True)
class Versions:
    """Of all objects in a bucket."""

    client: "S3Client"
    bucket: str

    def within(self, prefix: str, *, after: str = "") -> Iterator[Version]:
        """In the order of their keys; `after` leaves out keys up to that one."""
        key_marker, version_marker = after, ""
        while True:
            page = self.client.list_object_versions(
                Bucket=self.bucket,
                Prefix=prefix,
                KeyMarker=key_marker,
                VersionIdMarker=version_marker,
            )
            marks = [
                Version(one["Key"], one["VersionId"], one["LastModified"], 0, one["IsLatest"], True)
                for one in page.get("DeleteMarkers", ())
            ]
            found = [
                Version(
                    one["Key"],
                    one["VersionId"],
                    one["LastModified"],
                    one["Size"],
                    one["IsLatest"],
                    False,
                )
                for one in page.get("Versions", ())
            ]
            yield from sorted([*found, *marks])
            if not page.get("IsTruncated"):
                return
            key_marker, version_marker = page["NextKeyMarker"], page["NextVersionIdMarker"]

    def of(self, key: str) -> Iterator[Version]:
        return (one for one in self.within(key) if one.key == key)

    def delete(self, versions: Iterable[Version]) -> int:
        """For good. How many there were."""
        waiting, count = iter(versions), 0
        while some := list(islice(waiting, MOST_AT_ONCE)):
            named: list[ObjectIdentifierTypeDef] = [
                {"Key": one.key, "VersionId": one.id} for one in some
            ]
            answer = self.client.delete_objects(
                Bucket=self.bucket, Delete={"Objects": named, "Quiet": True}
            )
            if errors := answer.get("Errors"):
                raise NotDeleted(f"{len(errors)} versions: {errors[0].get('Code')}")
            count += len(some)
        return count
