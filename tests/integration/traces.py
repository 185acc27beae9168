"""Where anybody is still to be found: every version of every object, and every item of every table.

On its own: nothing of what erases people is used to look for them.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow.parquet as pq

from tests.integration.insurer import Insurer

AVRO_MAGIC = b"Obj\x01"


@dataclass(frozen=True)
class Search:
    """For texts, in a sandbox."""

    insurer: Insurer

    def places(self, texts: Sequence[str]) -> list[str]:
        sought = [text.encode() for text in texts]
        return [
            place
            for place, content in self.everything()
            if any(one in content for one in sought) or any(one in place for one in texts)
        ]

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Each place, and all that can be read in it."""
        yield from self._objects()
        yield from self._items()
        yield from self._messages()

    def _objects(self) -> Iterator[tuple[str, bytes]]:
        client = self.insurer.sandbox.aws.objects
        for bucket in client.list_buckets()["Buckets"]:
            pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket["Name"])
            for page in pages:
                for one in page.get("Versions", ()):
                    found = client.get_object(
                        Bucket=bucket["Name"], Key=one["Key"], VersionId=one["VersionId"]
                    )
                    told = json.dumps(found["Metadata"]).encode()
                    content = found["Body"].read()
                    yield f"{bucket['Name']}/{one['Key']}", told + _readable(content)

    def _items(self) -> Iterator[tuple[str, bytes]]:
        stack = self.insurer.stack
        client = stack.session.client("dynamodb", endpoint_url=stack.endpoint)
        for name in client.list_tables()["TableNames"]:
            for page in client.get_paginator("scan").paginate(TableName=name):
                for item in page["Items"]:
                    yield f"table {name}", json.dumps(item).encode()

    def _messages(self) -> Iterator[tuple[str, bytes]]:
        stack = self.insurer.stack
        client = stack.session.client("sqs", endpoint_url=stack.endpoint)
        for name, url in stack.outputs.items():
            if name.startswith("DeadLetters"):
                answer = client.receive_message(
                    QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
                )
                for message in answer.get("Messages", ()):
                    yield f"queue {name}", message["Body"].encode()


def _readable(content: bytes) -> bytes:
    """As it lies there, and what is in it once it is decompressed."""
    if content[:2] == b"\x1f\x8b":
        return content + gzip.decompress(content)
    if content[:4] == b"PAR1":
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
        return content + json.dumps(rows, default=str, ensure_ascii=False).encode()
    if content[:4] == AVRO_MAGIC:
        return content + b"".join(_inflated(content))
    return content


def _inflated(content: bytes) -> Iterator[bytes]:
    """Whatever can be inflated from any place in it: blocks of Avro name no offsets."""
    for start in range(len(content) - 2):
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            found = inflater.decompress(content[start:])
        except zlib.error:
            continue
        if len(found) > 64:
            yield found
