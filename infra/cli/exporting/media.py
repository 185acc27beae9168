"""Videos, snapshots and tracks of somebody, byte for byte as they are in the media bucket."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.cli.exporting.archive import Archive, File

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Media:
    """The bucket; a folder is an event's or a request's."""

    client: "S3Client"
    bucket: str

    def add(self, archive: Archive, folders: Iterable[str]) -> Iterator[File]:
        """One after the other, as they are added."""
        for folder in sorted(set(folders)):
            for key in self._keys(folder):
                answer = self.client.get_object(Bucket=self.bucket, Key=key)
                with closing(answer["Body"]) as body:
                    yield archive.add(f"media/{key}", body, compressed=True)

    def _keys(self, folder: str) -> Iterator[str]:
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=folder):
            for one in page.get("Contents", ()):
                yield one["Key"]
