"""What there is besides tables and raw: media, tasks, the ledger, dead letters, answers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from telematics import people
from telematics.catalog import PROVIDERS
from telematics.erasure import scanning
from telematics.erasure.items import Item, Items
from telematics.erasure.letters import Letters
from telematics.erasure.notes import FOLDER, Note, Notes
from telematics.erasure.persons import Persons
from telematics.identities import OURS
from telematics.object_versions import Version, Versions
from telematics.people import Identity

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TASK = "task_id"


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """In one round of a pass. What is counted is counted before anything goes.

    `accounts` are tables of which nothing goes but what names somebody.
    """

    persons: Persons
    notes: Notes
    round: int
    client: "S3Client"
    tasks: Items
    accounts: Iterable[Items]
    media: str
    results: str
    letters: Iterable[Letters]

    def purge(self) -> None:
        self.notes.once(f"{self._ours}/tasks", self._tasks_counted)
        folders = dict(self._folders())
        self.notes.once(f"{self._ours}/media", lambda: self._media_counted(folders))
        for folder in folders:
            self._empty(self.media, folder)
        for item, subject in self._tasks():
            if subject:
                self.tasks.delete(item)
        for items in self.accounts:
            self._clean(items)
        removed = sum(one.remove(self._mentions) for one in self.letters)
        self.notes.once(f"{self._ours}/letters", lambda: {"messages": removed})
        answers = self._delete_mentions(self.results) + self._delete_seen("media", self.media)
        self.notes.once(f"{self._ours}/answers", lambda: {"objects": answers})

    @property
    def _ours(self) -> str:
        return f"round-{self.round}/leftovers"

    def _tasks(self) -> Iterator[tuple[Item, str | None]]:
        return ((item, subject_of(item, self.persons)) for item in self.tasks.all())

    def _tasks_counted(self) -> Note:
        """And what is in the media bucket under the name of each."""
        theirs = {str(item[TASK]): subject for item, subject in self._tasks() if subject}
        folders = {f"{name}/{task}/": who for task, who in theirs.items() for name in PROVIDERS}
        return {"counts": Counter(theirs.values()), "folders": folders}

    def _folders(self) -> Iterator[tuple[str, str]]:
        """Of events and of tasks, each with the subject."""
        for prefix in (f"{self._ours}/tasks", f"round-{self.round}/rows/"):
            for _, note in self.notes.under(prefix):
                yield from note.get("folders", {}).items()

    def _media_counted(self, folders: dict[str, str]) -> Note:
        count: Counter[str] = Counter()
        for folder, subject in folders.items():
            files = (one for one in Versions(self.client, self.media).within(folder))
            count[subject] += sum(one.is_latest and not one.is_mark for one in files)
        return {"counts": +count}

    def _empty(self, bucket: str, folder: str) -> None:
        versions = Versions(self.client, bucket)
        versions.delete(versions.within(folder))

    def _delete_mentions(self, bucket: str) -> int:
        versions = Versions(self.client, bucket)
        kept = (one for one in versions.within("") if not one.key.startswith(FOLDER))
        return versions.delete([one for one in kept if one.is_mark or self._is_theirs(bucket, one)])

    def _delete_seen(self, kind: str, bucket: str) -> int:
        """What the round before found besides."""
        versions = Versions(self.client, bucket)
        keys = set(self.notes.seen(self.round - 1, kind))
        return sum(versions.delete(versions.of(key)) for key in keys)

    def _is_theirs(self, bucket: str, one: Version) -> bool:
        answer = self.client.get_object(Bucket=bucket, Key=one.key, VersionId=one.id)
        with closing(answer["Body"]) as body:
            return scanning.mentioned(one.key, body, self.persons)  # type: ignore[arg-type]  # reads

    def _clean(self, items: Items) -> None:
        """What somebody wrote beside a file or a decision may name them: an error, a reason."""
        for item in items.all():
            members = [name for name, value in item.items() if self._mentions(_spelt(value))]
            if members:
                items.forget(item, members)

    def _mentions(self, text: str) -> bool:
        return self.persons.mentioned(text.encode()) is not None


def subject_of(item: Item, persons: Persons) -> str | None:
    """The first whom an item of our own tables is about."""
    for name, value in item.items():
        if isinstance(value, str):
            for identity in _named(str(item.get("provider", "")), name, value):
                if subject := persons.named(identity):
                    return subject
    return persons.mentioned(_spelt(item).encode())


def _named(provider: str, member: str, value: str) -> Iterator[Identity]:
    """Our own tables call people as we do, or as the provider that the item is about."""
    if member == "user_id":
        yield Identity(OURS, value)
    for one in PROVIDERS:
        if provider in ("", one) and (found := people.person(one, member, value)):
            yield found


def _spelt(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
