"""Rows of a table that are about somebody: found, counted, and deleted in one commit."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.expressions import AlwaysFalse, BooleanExpression, Or
from pyiceberg.table import Table
from pyiceberg.types import StringType

from telematics import merging, people, tables
from telematics.catalog import PROVIDERS
from telematics.datasets import PERSON
from telematics.erasure.persons import Persons
from telematics.errors import Busy
from telematics.expressions import known_one_of, one_of
from telematics.identities import OURS
from telematics.people import Identity

ATTEMPTS = 20
USER = "user_id"  # in the table of users
PROVIDER = "provider"  # whose rows they are, in tables that have those of all
_PROBE = "somebody"


@dataclass
class Found:
    """How many rows each subject has, which raw objects they are from, and whose media folders."""

    rows: Counter[str] = field(default_factory=Counter)
    raw_keys: set[str] = field(default_factory=set)
    folders: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Theirs:
    """The rows of some people in one table.

    `anywhere`: also rows that mention them in any text, which takes reading all of it.
    """

    table: Table
    persons: Persons
    anywhere: bool = False

    @property
    def name(self) -> str:
        return self.table.name()[-1]

    @property
    def provider(self) -> str:
        """Empty for a table that has rows of all providers."""
        return next((one for one in PROVIDERS if self.name.startswith(f"{one}_")), "")

    @property
    def is_of_users(self) -> bool:
        """Each of whose rows says by our id whom it is about."""
        return self.name == tables.USERS

    @property
    def has_media(self) -> bool:
        return bool(self._folder)

    @property
    def _folder(self) -> str:
        """The column that says which folder of the media bucket a row tells of."""
        dataset = self.name.removeprefix(f"{self.provider}_")
        return PROVIDERS[self.provider].dataset(dataset).folder if self.provider else ""

    def found(self) -> Found:
        found = Found()
        chosen = self.table.scan(row_filter=self.predicate(), selected_fields=tuple(self._texts()))
        for batch in chosen.to_arrow_batch_reader():
            if "raw_key" in batch.schema.names:
                found.raw_keys.update(pc.unique(batch["raw_key"]).drop_null().to_pylist())
            subjects = list(self._subjects(batch))
            found.rows.update(subjects)
            found.folders.update(self._folders(batch, subjects))
        return found

    def delete(self) -> None:
        """Raises Busy where others keep writing to the table."""
        for attempt in range(ATTEMPTS):
            chosen = self.predicate()
            if isinstance(chosen, AlwaysFalse):
                return
            try:
                if any(self.table.scan(row_filter=chosen).plan_files()):
                    self.table.delete(chosen)
            except (CommitFailedException, ValidationException):
                merging.pause(attempt)
                self.table.refresh()
            else:
                return
        raise Busy(f"others keep writing to {self.name}")

    def predicate(self) -> BooleanExpression:
        chosen: list[BooleanExpression] = [
            known_one_of(column, set(ids)) for column, ids in self._by_name() if ids
        ]
        if self.anywhere or not (self.provider or self.is_of_users):
            found = self._mentions()
            chosen += [known_one_of(column, values) for column, values in found.items()]
        return Or(*chosen) if len(chosen) > 1 else chosen[0] if chosen else AlwaysFalse()

    def _by_name(self) -> Iterator[tuple[str, frozenset[str]]]:
        if self.is_of_users:
            yield USER, self.persons.ids(OURS)
        if not self.provider:
            return
        for column in self._texts():
            whose = people.person(self.provider, column, _PROBE)
            if column == PERSON:
                yield column, self.persons.ids(self.provider)
            elif whose is not None:
                yield column, self.persons.ids(whose.provider)

    def _mentions(self) -> dict[str, set[str]]:
        """Of each column the texts that mention somebody."""
        found: dict[str, set[str]] = {}
        columns = tuple(self._texts())
        for batch in self.table.scan(selected_fields=columns).to_arrow_batch_reader():
            for column in columns:
                for text in pc.unique(batch[column]).drop_null().to_pylist():
                    if self.persons.mentioned(text.encode()):
                        found.setdefault(column, set()).add(text)
        return found

    def _texts(self) -> Sequence[str]:
        fields = self.table.schema().fields
        return [one.name for one in fields if isinstance(one.field_type, StringType)]

    def _subjects(self, batch: pa.RecordBatch) -> Iterator[str]:
        """Of each row the first whom it is about."""
        named = [(batch[column], self._whose(column)) for column, ids in self._by_name() if ids]
        cells = [(column.to_pylist(), whose) for column, whose in named]
        for row in range(batch.num_rows):
            subject = next(
                (
                    found
                    for column, whose in cells
                    if column[row] and (found := self.persons.named(Identity(whose, column[row])))
                ),
                None,
            )
            yield subject or self._mentioned(batch, row)

    def _folders(self, batch: pa.RecordBatch, subjects: list[str]) -> Iterator[tuple[str, str]]:
        """In the media bucket, of what the rows tell of."""
        if self._folder:
            for name, subject in zip(batch[self._folder].to_pylist(), subjects, strict=True):
                if name:
                    yield f"{self.provider}/{name}/", subject

    def _whose(self, column: str) -> str:
        if self.is_of_users:
            return OURS
        whose = None if column == PERSON else people.person(self.provider, column, _PROBE)
        return self.provider if whose is None else whose.provider

    def _mentioned(self, batch: pa.RecordBatch, row: int) -> str:
        texts = (column[row].as_py() or "" for column in batch.columns)
        return next(filter(None, (self.persons.mentioned(one.encode()) for one in texts)), "")


def aliases(table: Table, persons: Persons) -> Iterator[tuple[str, Identity]]:
    """What a provider calls people whom its rows name as we do: they may never have been linked."""
    theirs = Theirs(table, persons)
    if not theirs.provider:
        return
    ours = [column for column, _ in theirs._by_name() if theirs._whose(column) == OURS]
    ids = persons.ids(OURS)
    for column in ours:
        chosen = table.scan(row_filter=one_of(column, set(ids)), selected_fields=(column, PERSON))
        for row in chosen.to_arrow().group_by([column, PERSON]).aggregate([]).to_pylist():
            subject = persons.named(Identity(OURS, row[column]))
            if subject and row[PERSON]:
                yield subject, Identity(theirs.provider, row[PERSON])


def is_ours(name: str) -> bool:
    """Whether a table is the lake's: one of a provider, of users, or of what can't be read."""
    ours = (tables.QUARANTINE, tables.USERS)
    return name in ours or any(name.startswith(f"{one}_") for one in PROVIDERS)
