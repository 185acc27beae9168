"""The proof: everything that is kept is read once more, and nobody is mentioned in it.

Objects in all their versions, the lists of files of every table, the items of our own tables and
the messages that nobody could work on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import msgspec

from telematics.erasure import files, scanning
from telematics.erasure.items import Item, Items
from telematics.erasure.letters import Letters
from telematics.erasure.notes import FOLDER, Notes
from telematics.erasure.persons import Persons
from telematics.object_versions import Version, Versions
from telematics.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyiceberg.catalog import Catalog

OUT_OF_TIME = 60_000  # milliseconds that one more object may take


class Hit(NamedTuple):
    """Somebody is mentioned there still.

    `kind` is raw, media, results, items or letters; of the lake a table, and a file of it as well.
    """

    kind: str
    name: str


@dataclass
class Seen:
    """What was looked at."""

    objects: int = 0
    bytes: int = 0
    items: int = 0
    hits: set[Hit] | None = None
    after: str = ""  # the last key, where there was no time for all

    def hit(self, kind: str, name: str) -> None:
        self.hits = (self.hits or set()) | {Hit(kind, name)}


@dataclass(frozen=True)
class Verifying:
    """One round of a pass."""

    persons: Persons
    notes: Notes
    round: int
    client: "S3Client"
    remaining_milliseconds: Callable[[], int]

    def bucket(self, kind: str, bucket: str, prefix: str, *, after: str = "") -> Seen:
        """`after` is the key up to which it was done before."""
        seen = Seen()
        for version in Versions(self.client, bucket).within(prefix, after=after):
            if version.key.startswith(FOLDER) or version.is_mark:
                continue
            if self._mentions(bucket, version):
                seen.hit(*_place(kind, version.key, prefix))
                if kind == "table":
                    seen.hit("file", f"s3://{bucket}/{version.key}")
            seen.objects += 1
            seen.bytes += version.size
            if self.remaining_milliseconds() < OUT_OF_TIME:
                seen.after = version.key
                break
        return self._noted(f"{kind}/{prefix}{after}".replace("=", "_"), seen)

    def lists(self, catalog: "Catalog", database: str, name: str) -> Seen:
        """What a table's lists of files tell of the least and the greatest value in each.

        Also those that a table does not have yet, or never will: somebody died before the commit.
        """
        table, seen = catalog.load_table((database, name)), Seen()
        place = urlsplit(table.location())
        folder = f"{place.path.strip('/')}/metadata/"
        for version in Versions(self.client, place.netloc).within(folder):
            if version.is_mark or not files.is_list(version.key):
                continue
            seen.objects += 1
            path = f"{place.scheme}://{place.netloc}/{version.key}"
            if any(self.persons.mentioned(one) for one in files.bounds(path, table.io)):
                seen.hit("table", name)
                seen.hit("file", path)
        return self._noted(f"lists/{name}", seen)

    def items(self, items: Items) -> Seen:
        seen = Seen()
        for item in items.all():
            seen.items += 1
            if self.persons.mentioned(_spelt(item)):
                seen.hit("items", items.name)
        return self._noted(f"items/{items.name}", seen)

    def letters(self, letters: Letters) -> Seen:
        seen = Seen()
        for body in letters.bodies():
            seen.items += 1
            if self.persons.mentioned(body.encode()):
                seen.hit("letters", letters.name)
        return self._noted(f"letters/{letters.name}", seen)

    def hits(self) -> int:
        """In all places of the round."""
        seen = self.notes.under(f"round-{self.round}/seen/")
        return sum(len(note["hits"]) for _, note in seen)

    def _mentions(self, bucket: str, version: Version) -> bool:
        try:
            answer = self.client.get_object(Bucket=bucket, Key=version.key, VersionId=version.id)
        except self.client.exceptions.NoSuchKey:
            return False
        return scanning.mentioned(version.key, answer["Body"], self.persons)  # type: ignore[arg-type]  # it reads

    def _noted(self, name: str, seen: Seen) -> Seen:
        hits = sorted(seen.hits or ())
        told = {"objects": seen.objects, "bytes": seen.bytes, "items": seen.items}
        note = {**told, "hits": [one._asdict() for one in hits]}
        self.notes.write(f"round-{self.round}/seen/{name}", note)
        logger.info("looked for what is left", extra={**told, "hits": len(hits)})
        return seen


def _place(kind: str, key: str, prefix: str) -> Hit:
    """A file of the lake is named by its table."""
    if kind != "table":
        return Hit(kind, key)
    return Hit(kind, prefix.rstrip("/").rpartition("/")[2])


def _spelt(item: Item) -> bytes:
    return msgspec.json.encode(item, enc_hook=str)
