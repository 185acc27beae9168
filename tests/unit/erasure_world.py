"""A small lake with all that is kept of people, and the functions that erase them, in process.

A copy of it is what somebody finds who comes after a death at that moment.
"""

import copy
import gzip
import io
import json
import shutil
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import boto3
import pyarrow.parquet as pq
import pytest
from pyiceberg.table import Table

from functions import begin_erasure, finish_erasure, purge_people, revoke_people, verify_erasure
from infra import erasure_states
from telematics import events, identities, lake, ledger, raw, settings, tables, tasks
from telematics.erasure import finishing, notes, passes, revoking, steps
from telematics.errors import NotFound
from telematics.identities import Identities
from telematics.raw import RawKey
from telematics.users import directory, log
from telematics.users.directory import Directory
from tests.unit.erasure_buckets import FakeBuckets
from tests.unit.erasure_items import (
    Before,
    FakeItems,
    FakeLetters,
    FakeMachines,
    WatchedUsers,
    unwatched,
)
from tests.unit.erasure_lake import BUCKET, LocalLake
from tests.unit.fakes import FakeBus, Item
from tests.unit.lambda_call import Context
from tests.unit.user_world import KEY

DATABASE = "telematics"
THEN = datetime(2023, 6, 5, 9, tzinfo=UTC)
DAY = date(2023, 6, 4)
QUEUE = "https://queues/letters"
TOLD = ("move", "sentiance")  # which have a call for it
ENVIRONMENT = {
    "DATABASE": DATABASE,
    "DEAD_LETTERS": QUEUE,
    "GATE_SECONDS": "10",
    "BUS_NAME": "telematics",
    "IDENTITY_KEY_ARN": "key",
    "PROVIDER": "move",
    **{f"{one.upper()}_TABLE": one for one in ("users", "tasks", "ledger", "access_log")},
    **{f"{one.upper()}_BUCKET": one for one in ("raw", "lake", "media", "results")},
}
DEPLOYED = (settings.settings, raw.deployed, ledger.deployed, tasks.deployed, events.deployed)
DEPLOYED_TOO = (directory.deployed, identities.deployed, log.deployed, passes.deployed)
DEPLOYED_LAST = (notes.deployed, revoking.deployed, finishing.deployed)


@dataclass
class FakeProvider:
    """Knows people until it is told to forget them."""

    known: set[str] = field(default_factory=set)
    before: Before = unwatched

    def forget(self, provider_user_id: str) -> None:
        if provider_user_id not in self.known:
            raise NotFound("nobody")
        self.before("tell the provider")
        self.known.remove(provider_user_id)


@dataclass
class Kept:
    """All that is in memory: a copy of it is independent."""

    users: WatchedUsers = field(default_factory=WatchedUsers)
    tasks: FakeItems = field(default_factory=lambda: FakeItems(name="tasks"))
    ledger: FakeItems = field(
        default_factory=lambda: FakeItems(name="ledger", keys=("provider", "file"))
    )
    access_log: FakeItems = field(
        default_factory=lambda: FakeItems(name="access_log", keys=("subject", "at"))
    )
    letters: FakeLetters = field(default_factory=FakeLetters)
    machines: FakeMachines = field(default_factory=FakeMachines)
    bus: FakeBus = field(default_factory=FakeBus)
    providers: dict[str, FakeProvider] = field(
        default_factory=lambda: {one: FakeProvider() for one in TOLD}
    )


@dataclass
class ErasureWorld:
    """`root` is the folder of its lake. `changes` are those that were made since it began."""

    root: Path
    kept: Kept = field(default_factory=Kept)
    changes: list[str] = field(default_factory=list)
    before: Before = unwatched
    objects: dict[str, Any] = field(default_factory=dict)
    one_at_a_time: Any = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.catalog = LocalLake(self.root, self._before)
        self.s3 = FakeBuckets(self.root / BUCKET, self._before, objects=self.objects)
        kept = self.kept
        for one in (kept.users, kept.tasks, kept.ledger, kept.access_log, kept.letters):
            one.before = self._before
        for provider in kept.providers.values():
            provider.before = self._before

    def copied(self, root: Path) -> "ErasureWorld":
        """As it is now, for whoever comes later: nobody holds messages any more."""
        shutil.copytree(self.root, root)
        for begun in (one for one in root.rglob("*") if one.is_file() and not one.stat().st_size):
            begun.unlink()  # a bucket has an object whole or not at all
        watched = self.kept.users.before
        self._watch(unwatched)
        kept = copy.deepcopy(self.kept)
        self._watch(watched)
        kept.letters.time_passes()
        return ErasureWorld(root, kept, objects=copy.deepcopy(self.s3.objects))

    def _watch(self, before: Before) -> None:
        kept = self.kept
        for one in (kept.users, kept.tasks, kept.ledger, kept.access_log, kept.letters):
            one.before = before
        for provider in kept.providers.values():
            provider.before = before

    def _before(self, change: str) -> None:
        """pyiceberg writes several files at once."""
        with self.one_at_a_time:
            self.before(change)
            self.changes.append(change)

    @property
    def directory(self) -> Directory:
        return Directory(cast(Any, self.kept.users), Identities(KEY))

    def subject(self, user_id: str) -> str:
        return Identities(KEY).ours(user_id)

    def leaves(self, user_id: str, **links: str) -> None:
        self.directory.add(user_id, links, now=THEN)
        self.directory.erase(user_id, now=THEN)

    def put_raw(self, key: RawKey, body: bytes) -> RawKey:
        body = gzip.compress(body, mtime=0) if key.extension.endswith("gz") else body
        self.s3.put_object(Bucket="raw", Key=str(key), Body=body, Metadata={"fetched-at": "then"})
        return key

    def add_rows(self, name: str, *rows: Mapping[str, Any]) -> Table:
        """In a commit of their own."""
        import pyarrow as pa

        table = tables.ensure(self.catalog, DATABASE, name)
        schema = table.schema().as_arrow()
        table.append(pa.Table.from_pylist([{"day": DAY, **one} for one in rows], schema))
        return table

    def rows(self, name: str) -> list[dict[str, Any]]:
        table = self.catalog.load_table((DATABASE, name))
        found: list[dict[str, Any]] = table.scan().to_arrow().to_pylist()
        return sorted(found, key=str)

    def receipts(self) -> dict[str, list[Item]]:
        """By subject, all that were ever written."""
        found: dict[str, list[Item]] = {}
        for item in self.kept.access_log.items.values():
            if item["action"] == finishing.ACTION:
                found.setdefault(item["subject"], []).append(json.loads(item["result"]))
        return found

    def traces(self, *ids: str) -> list[str]:
        """Where one of them still stands: independent of what the functions look for."""
        places = [place for place, body in self.s3.bodies() if _has(body, place, ids)]
        kept = self.kept
        for table in (kept.users, kept.tasks, kept.ledger, kept.access_log):
            places += [table.name for item in table.items.values() if _has_any(repr(item), ids)]
        kept.letters.time_passes()
        places += ["letters" for body in kept.letters.waiting.values() if _has_any(body, ids)]
        return places + ["bus" for one in kept.bus.put if _has_any(repr(one), ids)]


def _has(body: bytes, place: str, ids: tuple[str, ...]) -> bool:
    if place.endswith(".parquet"):
        plain = str(pq.read_table(io.BytesIO(body)).to_pylist()).encode()
    elif place.endswith(".avro"):
        plain = b"".join(blocks(io.BytesIO(body)))
    else:
        plain = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return _has_any(place, ids) or any(one.encode() in plain for one in ids)


def blocks(avro: io.BytesIO) -> Iterator[bytes]:
    """What a file of Avro has within, unpacked."""
    assert avro.read(4) == b"Obj\x01"
    while count := _number(avro):
        for _ in range(2 * abs(count)):
            avro.read(_number(avro))
    mark = avro.read(16)
    while avro.read(1):
        avro.seek(-1, io.SEEK_CUR)
        _number(avro)
        yield zlib.decompress(avro.read(_number(avro)), wbits=-zlib.MAX_WBITS)
        assert avro.read(16) == mark


def _number(avro: io.BytesIO) -> int:
    """Seven bits in each byte, the sign in the last of all."""
    value = shift = 0
    while True:
        [byte] = avro.read(1)
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1)


def _has_any(text: str, ids: tuple[str, ...]) -> bool:
    return any(one in text for one in ids)


def deploy(monkeypatch: pytest.MonkeyPatch, world: ErasureWorld) -> None:
    """What the functions reach from now on is that world."""
    kept = world.kept
    clients = {
        "s3": world.s3,
        "sqs": kept.letters,
        "stepfunctions": kept.machines,
        "events": kept.bus,
        "secretsmanager": Secret(),
    }
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "client", clients.__getitem__)
    monkeypatch.setattr(boto3, "resource", lambda name: Tables(kept))
    monkeypatch.setattr(lake, "deployed", lambda: world.catalog)
    monkeypatch.setattr(steps, "AT_ONCE", 1)  # so that every death is at the same place
    monkeypatch.setattr(revoking, "_connected", kept.providers.get)
    forget_deployments()


def forget_deployments() -> None:
    for one in (*DEPLOYED, *DEPLOYED_TOO, *DEPLOYED_LAST):
        one.cache_clear()


@dataclass(frozen=True)
class Tables:
    """DynamoDB, as boto3 has it."""

    kept: Kept

    def Table(self, name: str) -> Any:  # noqa: N802
        return getattr(self.kept, name)


class Secret:
    """The key of identities."""

    @staticmethod
    def get_secret_value(**_: str) -> Item:
        return {"SecretString": KEY.decode()}


def run(world: ErasureWorld, monkeypatch: pytest.MonkeyPatch, execution: str = "first") -> int:
    """What the machine does with them, state by state. How many passes there were."""
    world.kept.machines.status = {execution: "RUNNING"}
    there, passed = Context(), 0
    while True:
        begun = begin_erasure.handler({"execution": execution}, there)
        if begun["next"] != "go on":
            world.kept.machines.status = {}
            return passed
        _erase(begun["pass_id"], there, monkeypatch)
        passed += 1


def _erase(pass_id: str, there: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    for round in range(1, erasure_states.MOST_ROUNDS + 1):
        _purge(pass_id, round, "learn", there)
        for provider in TOLD:
            monkeypatch.setenv("PROVIDER", provider)
            settings.settings.cache_clear()
            revoking.deployed.cache_clear()
            revoke_people.handler({"pass_id": pass_id}, there)
        for step in ("tables", "objects", "leftovers"):
            _purge(pass_id, round, step, there)
        verdict = verify_erasure.handler({"pass_id": pass_id, "round": round}, there)
        assert verdict["is_done"]
        if not verdict["hits"]:
            finish_erasure.handler({"pass_id": pass_id, "round": round}, there)
            return
    raise AssertionError("it never ends")


def _purge(pass_id: str, round: int, step: str, there: Context) -> None:
    progress = purge_people.handler({"pass_id": pass_id, "round": round, "step": step}, there)
    assert progress["is_done"]


def comparable(world: ErasureWorld) -> dict[str, Item]:
    """Each receipt, without times and how much was read in the end: nobody has two."""
    found = {}
    for subject, made in world.receipts().items():
        [only] = made
        found[subject] = {name: one for name, one in only.items() if not name.endswith("_at")}
        found[subject]["verified"] = only["verified"]["remaining"]
    return found
