"""Users in the emulator's own tables: its transactions and indexes do what those of AWS do."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telematics import identities
from telematics.errors import Busy
from telematics.users.directory import Directory
from telematics.users.gate import Gate
from telematics.users.log import AccessLog
from telematics.users.user import AlreadyRegistered, LinkTaken, Status, UserGone
from tests.integration.insurer import Insurer

NOW = datetime(2023, 6, 5, 9, tzinfo=UTC)
AT_ONCE = 8
LINKS = {"move": "core-m", "sentiance": "core-s"}


class Desk:
    """What a function with all grants has."""

    def __init__(self, insurer: Insurer) -> None:
        stack = insurer.stack
        secrets = stack.session.client("secretsmanager", endpoint_url=stack.endpoint)
        self._database = stack.session.resource("dynamodb", endpoint_url=stack.endpoint)
        self._outputs: Mapping[str, str] = stack.outputs
        self.identities = identities.read(secrets, stack.outputs["IdentityKey"])
        self.table = self._database.Table(stack.outputs["UsersTable"])
        self.directory = Directory(self.table, self.identities)
        self.gate = Gate(self.table, lambda: self.identities, seconds=0)
        self.log = AccessLog(self._database.Table(stack.outputs["AccessLogTable"]))

    def items_of(self, *names: tuple[str, str]) -> list[Mapping[str, Any]]:
        places = [f"identity:{self.identities.of(*name)}" for name in names]
        found = [self.table.get_item(Key={"user_id": place}) for place in places]
        return [one["Item"] for one in found if "Item" in one]


def listed(directory: Directory, status: Status) -> set[str]:
    return {one.user_id for one in directory.list(status, limit=100).users}


def at_once(calls: list[Callable[[], object]]) -> list[str]:
    """What became of each."""

    def outcome(call: Callable[[], object]) -> str:
        try:
            call()
        except (AlreadyRegistered, LinkTaken, Busy) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(outcome, calls))


def test_a_user_from_their_first_day_to_their_tombstone(insurer: Insurer) -> None:
    desk = Desk(insurer)
    directory, gate, later = desk.directory, desk.gate, NOW + timedelta(hours=1)
    anna = directory.add("core-anna", LINKS, now=NOW)
    assert directory.owner("move", "core-m") == directory.get("core-anna") == anna
    assert gate.closed("move", "core-m") is None

    with pytest.raises(LinkTaken):  # all or nothing
        directory.add("core-ben", {"dashcam": "core-d", "move": "core-m"}, now=NOW)
    assert directory.get("core-ben") is None
    assert desk.items_of(("dashcam", "core-d"), ("telematics", "core-ben")) == []

    directory.block("core-anna", now=later)
    names = [("telematics", "core-anna"), *LINKS.items()]
    assert [gate.closed(*name) for name in names] == [Status.BLOCKED] * 3
    assert "core-anna" in listed(directory, Status.BLOCKED)
    directory.unblock("core-anna", now=later)
    assert [gate.closed(*name) for name in names] == [None] * 3  # not in the index any more
    assert "core-anna" not in listed(directory, Status.BLOCKED)

    directory.erase("core-anna", now=later)
    assert "core-anna" in {one.user_id for one in directory.erasing()}
    before = directory.counts()[Status.ERASED]
    buried = directory.bury("core-anna", erasure_id="core-e", now=later)
    assert directory.bury("core-anna", erasure_id="another", now=NOW) == buried
    assert [gate.closed(*name) for name in names] == [Status.ERASED] * 3
    assert directory.counts()[Status.ERASED] == before + 1
    told = repr(desk.items_of(*names)) + repr(desk.table.scan()["Items"])
    assert not [one for one in ("core-anna", "core-m", "core-s") if one in told]
    with pytest.raises(UserGone):
        directory.add("core-carl", {"sentiance": "core-s"}, now=later)

    subject = desk.identities.ours("core-anna")
    for _ in range(2):
        desk.log.write(subject, action="erase", by="desk", reason="they asked", now=later)
    assert [one.action for one in desk.log.read(subject)] == ["erase"]


def test_of_many_at_once_one_gets_what_only_one_can_have(insurer: Insurer) -> None:
    desk = Desk(insurer)
    directory = desk.directory
    same = [lambda: directory.add("core-same", now=NOW) for _ in range(AT_ONCE)]
    assert at_once(list(same)) == ["AlreadyRegistered"] * (AT_ONCE - 1) + ["done"]

    users = [f"core-{number}" for number in range(AT_ONCE)]
    for user_id in users:
        directory.add(user_id, now=NOW)
    linking = [lambda id=id: directory.link(id, "dashcam", "core-one") for id in users]
    outcomes = at_once(list(linking))
    assert outcomes.count("done") == 1
    owner = directory.owner("dashcam", "core-one")
    assert owner is not None
    linked = [id for id in users if (user := directory.get(id)) and user.links]
    assert linked == [owner.user_id]
