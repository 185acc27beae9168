"""The ledger: one row per provider file, from listed to loaded, or the reason why not.

    listed -> stored -> loaded | quarantined
       ^  \\_____________/
       |    failed            (fetching or loading failed; it is fetched again)
       listed again with another size, or stored but never loaded

A row is changed by three functions that run side by side, in any order and more than once, so every
change is conditional: `loaded` may come before `stored`, and neither may undo a newer listing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

import boto3
from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from pydantic import BaseModel, ConfigDict

from telematics import changes
from telematics.errors import Busy
from telematics.moments import stamp
from telematics.raw import RawKey, StoredObject
from telematics.redaction import redacted
from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

FIRST_DAY, LAST_DAY = date.min, date.max
BEHIND_EVERY_FILE = "~"
LEASE = ("lease_etag", "lease_size", "lease_until")


class State(StrEnum):
    """What became of a file."""

    LISTED = "listed"  # announced by the provider, not in raw yet
    STORED = "stored"  # in raw, not in the lake yet
    LOADED = "loaded"
    QUARANTINED = "quarantined"  # in raw, but nothing in it can be read
    FAILED = "failed"  # fetching or loading it failed; `error` says why


class Claim(StrEnum):
    """What somebody hears who wants to load an object."""

    CLAIMED = "claimed"  # it is yours until the lease ends
    DONE = "done"  # this very object was loaded or quarantined before
    HELD = "held"  # somebody is loading this very object, and has a message of their own for it


class LedgerRow(BaseModel):
    """What the ledger knows of one file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    provider: str
    file: str
    day: date
    dataset: str
    raw_key: str
    state: State
    offload_type: str = ""
    listed_size: int | None = None
    listed_at: datetime | None = None
    stored_size: int | None = None
    stored_at: datetime | None = None
    sha256: str = ""
    etag: str = ""
    rows: int | None = None
    quarantined: int | None = None
    loaded_at: datetime | None = None
    dropped: int = 0  # rows of people whose data may not be kept, when there last were any
    attempts: int = 0
    error: str = ""
    # Of a notification: how many things it tells of, the places of those whose details are still
    # to come, and how many will have none, by reason.
    items: int | None = None
    pending: tuple[int, ...] = ()
    detailed_version: str = ""  # the etag of that in which these places are
    refused: Mapping[str, int] = {}
    # Of a reconciliation: what the provider listed, and what of it was not as it should be.
    listed: int | None = None
    missed: int | None = None
    late: int | None = None
    changed: int | None = None
    # Of an event: the digest of what a list tells of it, when it was asked about, which of its
    # media are stored (with their sha256, where it is known), and which are not, by reason.
    digest: str = ""
    asked_at: datetime | None = None
    kept: Mapping[str, str] = {}
    lacking: Mapping[str, str] = {}

    @property
    def key(self) -> RawKey:
        return RawKey.parse(self.raw_key)

    @property
    def is_to_be_fetched(self) -> bool:
        return self.state in (State.LISTED, State.FAILED)


@dataclass(frozen=True)
class Ledger:
    """Every method that changes a row says by what it returns whether it did."""

    table: "Table"

    def get(self, provider: str, file: str) -> LedgerRow | None:
        place = {"provider": provider, "file": file}
        answer = self.table.get_item(Key=place, ConsistentRead=True)
        return LedgerRow.model_validate(answer["Item"]) if "Item" in answer else None

    def rows(
        self, provider: str, from_day: date | None = None, to_day: date | None = None
    ) -> Iterator[LedgerRow]:
        """In the order of their days, both ends included."""
        first = (from_day or FIRST_DAY).isoformat()
        last = f"{(to_day or LAST_DAY).isoformat()}/{BEHIND_EVERY_FILE}"
        yield from self._between(provider, first, last)

    def _between(self, provider: str, first: str, last: str) -> Iterator[LedgerRow]:
        where = Key("provider").eq(provider) & Key("file").between(first, last)
        page = self.table.query(KeyConditionExpression=where, ConsistentRead=True)
        while True:
            yield from map(LedgerRow.model_validate, page["Items"])
            if not (place := page.get("LastEvaluatedKey")):
                return
            page = self.table.query(
                KeyConditionExpression=where, ConsistentRead=True, ExclusiveStartKey=place
            )

    def rows_of(self, provider: str, dataset: str, day: date) -> Iterator[LedgerRow]:
        """Only those of one dataset and day: of others there may be many thousands."""
        first = f"{day.isoformat()}/{dataset}/"
        yield from self._between(provider, first, first + BEHIND_EVERY_FILE)

    def listed(self, key: RawKey, *, offload_type: str, size: int | None, now: datetime) -> bool:
        """A file that was never seen before."""
        return self._change(
            key,
            Attr("file").not_exists(),
            {
                **_spelled(key),
                "state": State.LISTED,
                "offload_type": offload_type,
                "listed_size": size,
                "listed_at": stamp(now),
                "attempts": 0,
            },
        )

    def relisted(
        self, row: LedgerRow, *, offload_type: str, size: int | None, now: datetime
    ) -> bool:
        """The provider lists it again, with another size: what we have is out of date."""
        return self._change(
            row.key,
            _as_listed(row),
            {
                "state": State.LISTED,
                "offload_type": offload_type,
                "listed_size": size,
                "listed_at": stamp(now),
                "attempts": 0,
            },
            drop=["error"],
        )

    def lost(self, row: LedgerRow) -> bool:
        """It was stored, but the event that should have had it loaded went astray: fetch again."""
        same = Attr("state").eq(State.STORED) & Attr("etag").eq(row.etag)
        return self._change(row.key, same, {"state": State.LISTED})

    def stored(self, row: LedgerRow, stored: StoredObject, *, now: datetime) -> bool:
        """It is in raw, unless the provider has listed another size since we read `row`."""
        facts = {
            "stored_size": stored.size,
            "stored_at": stamp(now),
            "sha256": stored.sha256,
            "etag": stored.etag,
        }
        fresh, count = _as_listed(row), ["attempts"]
        if self._change(
            row.key,
            fresh & ~_is_done_with(stored.etag) & ~_was_sifted(stored.etag),
            {**facts, "state": State.STORED},
            drop=["error"],
            count=count,
        ):
            return True
        # `convert` may have been faster than we are: the row says loaded, and goes on saying so.
        if self._change(row.key, fresh & _is_done_with(stored.etag), facts, count=count):
            return True
        del facts["etag"]  # what is there now is what was left of it
        return self._change(row.key, fresh & _was_sifted(stored.etag), facts, count=count)

    def fetch_failed(self, row: LedgerRow, *, reason: str, now: datetime) -> bool:
        """Somebody else may have stored it meanwhile; then it has not failed."""
        return self._change(
            row.key,
            Attr("state").is_in([State.LISTED, State.FAILED]),
            {"state": State.FAILED, "error": redacted(reason), "failed_at": stamp(now)},
            count=["attempts"],
        )

    def claim(
        self,
        key: RawKey,
        etag: str,
        *,
        size: int,
        now: datetime,
        lease: timedelta,
        forced: bool = False,
    ) -> Claim:
        """Take an object for loading; Busy while another version of it is being loaded.

        `size` is the object's: only a load of the listed size makes the file loaded. The lease must
        last as long as the holder may run, and end (or be released, when the load fails) before the
        holder's message is delivered again: whoever hears HELD forgets theirs. `forced` loads again
        what was loaded before.
        """
        free = Attr("lease_until").not_exists() | Attr("lease_until").lte(stamp(now))
        wanted = free if forced else free & ~_is_done_with(etag)
        if self._change(
            key,
            wanted,
            {"lease_etag": etag, "lease_size": size, "lease_until": stamp(now + lease)},
            initially={
                **_spelled(key),
                "state": State.STORED,
                "stored_size": size,
                "stored_at": stamp(now),
                "etag": etag,
                "attempts": 0,
            },
        ):
            return Claim.CLAIMED
        return self._refused_claim(key, etag, forced=forced)

    def _refused_claim(self, key: RawKey, etag: str, *, forced: bool) -> Claim:
        place = {"provider": key.provider, "file": key.file}
        item = self.table.get_item(Key=place, ConsistentRead=True).get("Item", {})
        is_done = item.get("state") in (State.LOADED, State.QUARANTINED)
        if is_done and item.get("etag") == etag and not forced:
            return Claim.DONE
        if item.get("lease_etag") == etag:
            return Claim.HELD
        raise Busy(f"another version of {key} is being loaded; ask again later")

    def loaded(
        self,
        key: RawKey,
        etag: str,
        *,
        rows: int,
        quarantined: int,
        dropped: int = 0,
        now: datetime,
    ) -> bool:
        """Its rows are in the lake. Releases the lease, as do the next two.

        What is left of an object, once rows were dropped, is loaded without: they stay counted.
        """
        facts = {"rows": rows, "quarantined": quarantined, "loaded_at": stamp(now)}
        facts |= {"dropped": dropped} if dropped else {}
        return self._settle(key, etag, {"state": State.LOADED, "etag": etag, **facts}, ["error"])

    def quarantined(self, key: RawKey, etag: str, *, reason: str, now: datetime) -> bool:
        """Nothing in it can be read, and reading it again would not help."""
        facts = {"error": redacted(reason), "rows": 0, "loaded_at": stamp(now)}
        return self._settle(key, etag, {"state": State.QUARANTINED, "etag": etag, **facts})

    def load_failed(self, key: RawKey, etag: str, *, error: str, now: datetime) -> bool:
        facts = {"error": redacted(error), "failed_at": stamp(now)}
        return self._settle(key, etag, {"state": State.FAILED, **facts})

    def release(self, key: RawKey, etag: str) -> bool:
        """The load ended without a verdict, by an error that may pass: anybody may try again."""
        return self._change(key, Attr("lease_etag").eq(etag), {}, drop=LEASE)

    def detailed(
        self,
        key: RawKey,
        *,
        items: int,
        pending: Sequence[int],
        refused: Mapping[str, int],
        version: str,
        now: datetime,
    ) -> bool:
        """How far the details of what a stored notification tells of have come.

        `version` is its etag, which says of which version the places are.
        """
        facts = {"items": items, "pending": list(pending), "refused": dict(refused)}
        return self._note(key, {**facts, "detailed_version": version, "detailed_at": stamp(now)})

    def reconciled(self, key: RawKey, found: Mapping[str, int], *, now: datetime) -> bool:
        """What was found by asking for everything again: see LedgerRow's fields for it."""
        return self._note(key, {**found, "state": State.LOADED, "loaded_at": stamp(now)})

    def asked(
        self, key: RawKey, state: State, facts: Mapping[str, object], *, now: datetime
    ) -> bool:
        """How far an event has come: see LedgerRow's last fields. It is open while it is listed."""
        ended = None if state is State.LISTED else stamp(now)
        told = {**facts, "state": state, "asked_at": stamp(now), "loaded_at": ended}
        initially = {**_spelled(key), "listed_at": stamp(now), "attempts": 0}
        return self._change(key, None, told, initially=initially)

    def sifted(self, key: RawKey, etag: str, size: int) -> bool:
        """About to be replaced by what is left of it without some people, of this size.

        It is no other version then, though the provider lists another size.
        """
        return self._note(key, {"sifted_of": etag, "sifted_size": size})

    def _note(self, key: RawKey, facts: Mapping[str, object]) -> bool:
        """Beside what others write of the same file, in any order."""
        stored = {} if "state" in facts else {"state": State.STORED}
        initially = {**_spelled(key), **stored, "attempts": 0}
        return self._change(key, None, facts, initially=initially)

    def _settle(
        self, key: RawKey, etag: str, facts: Mapping[str, object], drop: Iterable[str] = ()
    ) -> bool:
        """The facts count for the version that is listed now; the lease ends in any case.

        Another version that was loaded, by a download that came late, has replaced the listed one.
        """
        mine, listed = Attr("lease_etag").eq(etag), Attr("listed_size")
        as_listed = listed.not_exists() | listed.eq(Attr("lease_size"))
        current = as_listed | Attr("sifted_size").eq(Attr("lease_size"))
        if self._change(key, mine & current, facts, drop=[*LEASE, *drop]):
            return True
        self._change(key, mine, {"state": State.LISTED}, drop=LEASE)
        return False

    def _change(
        self,
        key: RawKey,
        condition: ConditionBase | None,
        facts: Mapping[str, object],
        *,
        initially: Mapping[str, object] | None = None,
        drop: Iterable[str] = (),
        count: Iterable[str] = (),
    ) -> bool:
        """`facts` are written if the condition holds, `initially` where nothing is known yet."""
        change = changes.Change()
        change.write(facts, initially or {})
        change.drop(drop)
        change.count(count)
        place = {"provider": key.provider, "file": key.file}
        return changes.made(self.table, place, change, condition)


def _spelled(key: RawKey) -> Mapping[str, object]:
    """The parts of a key, for those who filter by them."""
    return {"raw_key": str(key), "day": key.day.isoformat(), "dataset": key.dataset}


def _as_listed(row: LedgerRow) -> ConditionBase:
    """Nobody has changed what we expect of the file since `row` was read."""
    size = Attr("listed_size")
    return size.not_exists() if row.listed_size is None else size.eq(row.listed_size)


def _is_done_with(etag: str) -> ConditionBase:
    return Attr("state").is_in([State.LOADED, State.QUARANTINED]) & Attr("etag").eq(etag)


def _was_sifted(etag: str) -> ConditionBase:
    return Attr("sifted_of").eq(etag)


@cache
def deployed() -> Ledger:
    """The ledger of the stack that this function belongs to."""
    return Ledger(boto3.resource("dynamodb").Table(settings().ledger_table))
