"""What a pass of erasures has found and done, kept so that it can be taken up again anywhere.

A note is written before what it tells of is done: whoever repeats a step reads what was found the
first time, when there still was something to find. Notes name subjects, objects and tables, but
nobody; they lie beside the answers to queries, and go when these go.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import msgspec
from botocore.exceptions import ClientError

from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Note = Mapping[str, Any]  # JSON
FOLDER = "erasures/"
READERS = 16


@dataclass(frozen=True)
class Notes:
    """Those of one pass; a name may have slashes."""

    client: "S3Client"
    bucket: str
    pass_id: str

    def once(self, name: str, find: Callable[[], Note]) -> Note:
        """What was found the first time."""
        if (known := self.read(name)) is not None:
            return known
        found = find()
        self.write(name, found)
        return found

    def write(self, name: str, note: Note) -> None:
        body = msgspec.json.encode(note, order="sorted")
        self.client.put_object(Bucket=self.bucket, Key=self._key(name), Body=body)

    def read(self, name: str) -> Note | None:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=self._key(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        found: Note = msgspec.json.decode(answer["Body"].read())
        return found

    def all(self) -> Mapping[str, Note]:
        """The whole story of the pass, by name."""
        return dict(self.under(""))

    def under(self, prefix: str) -> Iterator[tuple[str, Note]]:
        """Each by its name, in the order of names."""
        with ThreadPoolExecutor(READERS) as readers:
            names = list(self._names(prefix))
            for name, note in zip(names, readers.map(self.read, names), strict=True):
                if note is not None:
                    yield name, note

    def _names(self, prefix: str) -> Iterator[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self._key(prefix).removesuffix(".json")
        )
        for page in pages:
            for one in page.get("Contents", ()):
                yield one["Key"].removeprefix(f"{FOLDER}{self.pass_id}/").removesuffix(".json")

    def forget(self, prefix: str) -> None:
        for name in list(self._names(prefix)):
            self.client.delete_object(Bucket=self.bucket, Key=self._key(name))

    def seen(self, round: int, kind: str) -> Iterator[str]:
        """What somebody was still mentioned in at the end of a round."""
        for _, note in self.under(f"round-{round}/seen/"):
            yield from (one["name"] for one in note["hits"] if one["kind"] == kind)

    def _key(self, name: str) -> str:
        return f"{FOLDER}{self.pass_id}/{name}.json"


@cache
def deployed(pass_id: str) -> Notes:
    """In the results bucket of the stack that this function belongs to."""
    return Notes(boto3.client("s3"), settings().results_bucket, pass_id)
