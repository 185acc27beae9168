"""The purge: rows of tables with all their past, raw objects in every version, and all the rest."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pyiceberg.catalog import Catalog

from telematics import http
from telematics.catalog import PROVIDERS
from telematics.erasure import rows
from telematics.erasure.files import History
from telematics.erasure.notes import Note, Notes
from telematics.erasure.persons import Persons
from telematics.erasure.rows import Theirs
from telematics.observability import logger
from telematics.raw import RawKey
from telematics.users.directory import Directory
from telematics.users.user import LinkTaken, UserGone
from telematics.withdrawal import Withdrawal

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OBJECTS_AT_ONCE = 50


@dataclass(frozen=True)
class Purging:
    """One round of a pass. In a later round what was found meanwhile is purged as well."""

    persons: Persons
    notes: Notes
    round: int
    catalog: Catalog
    database: str
    client: "S3Client"
    withdrawal: Withdrawal
    now: Callable[[], datetime] = http.utc_now

    def tables(self) -> list[str]:
        names = (name for _, name in self.catalog.list_tables(self.database))
        return sorted(filter(rows.is_ours, names))

    def listed(self) -> list[str]:
        """The tables of this round, in an order that stays."""
        note = self.notes.once(f"round-{self.round}/tables", lambda: {"names": self.tables()})
        names: list[str] = note["names"]
        return names

    def learn(self, directory: Directory) -> int:
        """Names that providers have for people whom only their rows link to us."""
        learned = 0
        owners = {person.subject: person for person in self.persons.people}
        for name in self.tables():
            for subject, identity in rows.aliases(self._table(name).table, self.persons):
                user_id = next(
                    one.id for one in owners[subject].identities if one.provider not in PROVIDERS
                )
                try:
                    learned += directory.remember(user_id, identity.provider, identity.id)
                except (LinkTaken, UserGone):
                    continue
        return learned

    def purge_table(self, name: str) -> int:
        """How many rows were found, the first time it was tried."""
        theirs = self._table(name)
        note = self.notes.once(f"round-{self.round}/rows/{name}", lambda: _note(theirs.found()))
        theirs.delete()
        remembered = partial(self._remembered, f"past/{name}")
        history = History(theirs.table, self.client, self.now(), remembered)
        files = history.forget(seen=self._seen["file"])
        count: int = sum(note["rows"].values())
        logger.info("table purged", extra={"table": name, "rows": count, "files": files})
        return count

    def _remembered(self, name: str, files: set[str]) -> set[str]:
        """With those of all rounds before."""
        known = set((self.notes.read(name) or {"files": ()})["files"])
        if files - known:
            self.notes.write(name, {"files": sorted(known | files)})
        return known | files

    def gathered(self) -> int:
        """In how many pieces the raw objects are that rows came from, or that name somebody."""
        note = self.notes.once(f"round-{self.round}/gathered", self._gather)
        return len(note["pieces"])

    def _gather(self) -> Note:
        named: set[str] = set()
        for _, note in self.notes.under(f"round-{self.round}/rows/"):
            named.update(note["raw_keys"])
        named.update(self.notes.seen(self.round - 1, "raw"))
        keys = sorted(named)
        pieces = [keys[n : n + OBJECTS_AT_ONCE] for n in range(0, len(keys), OBJECTS_AT_ONCE)]
        return {"pieces": pieces}

    def purge_objects(self, piece: int) -> int:
        """How many objects there were to look at."""
        note = self.notes.once(f"round-{self.round}/gathered", self._gather)
        keys = [RawKey.parse(one) for one in note["pieces"][piece]]
        self.notes.once(f"round-{self.round}/objects/{piece}", lambda: self._counted(keys))
        for key in keys:
            self.withdrawal.withdraw(key, self.persons)
        logger.info("objects purged", extra={"objects": len(keys)})
        return len(keys)

    def _counted(self, keys: Sequence[RawKey]) -> Note:
        objects: Counter[str] = Counter()
        records: Counter[str] = Counter()
        for key in keys:
            found = self.withdrawal.count(key, self.persons)
            records.update(found)
            objects.update(found.keys())
        return {"objects": objects, "records": records}

    def _table(self, name: str) -> Theirs:
        table = self.catalog.load_table((self.database, name))
        return Theirs(table, self.persons, anywhere=name in self._seen["table"])

    @cached_property
    def _seen(self) -> Mapping[str, frozenset[str]]:
        """Where the round before found somebody, read once for all tables."""
        return {
            kind: frozenset(self.notes.seen(self.round - 1, kind)) for kind in ("table", "file")
        }


def _note(found: rows.Found) -> Note:
    return {"rows": found.rows, "raw_keys": sorted(found.raw_keys), "folders": found.folders}
