"""Calls about people that come again, late, or while a provider is away: done once, and told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from telematics.errors import ProviderBusy
from tests.unit import erasure_world
from tests.unit.erasure_world import ErasureWorld, deploy, run
from tests.unit.user_desk import UserDesk, desk
from tests.unit.user_world import UserWorld

__all__ = ["desk"]

COPIES = 46
AFTER_A_DAY = timedelta(hours=25)
EVERY, HOURS = timedelta(minutes=30), 6
LINKS = {"move": "m-1", "dashcam": "d-1"}


@pytest.fixture
def erasing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ErasureWorld]:
    world = ErasureWorld(tmp_path)
    deploy(monkeypatch, world)
    yield world
    erasure_world.forget_deployments()


def people(world: UserWorld) -> list[tuple[str, object]]:
    return [(one["user_id"], one["status"]) for one in world.user_items()]


@pytest.mark.fault("duplicate", of=("users",))
def test_a_call_that_comes_46_times_is_one(desk: UserDesk) -> None:
    assert {desk.add(key="call-1", **LINKS).told["revision"] for _ in range(COPIES)} == {1}
    assert {desk.turn("block", key="call-2").status for _ in range(COPIES)} == {200}
    assert people(desk.world) == [("anna", "blocked")]
    assert len(list(desk.world.identity_items())) == len(LINKS) + 1
    # Each repeats its news, word by word: one of them may not have got out.
    news = {(name, str(detail)) for _, name, detail in desk.bus.put}
    assert sorted(name for name, _ in news) == ["User Blocked", "User Registered"]


@pytest.mark.fault("replay", of=("users",))
def test_a_call_that_comes_again_after_a_day_finds_it_done(desk: UserDesk) -> None:
    desk.add(key="call-1", **LINKS)
    desk.turn("block", key="call-2")
    told = len(desk.bus.put)
    desk.moment += AFTER_A_DAY
    assert desk.turn("block", key="call-2").told["status"] == "blocked"
    desk.erase()
    desk.moment += AFTER_A_DAY
    assert desk.erase().told["status"] == "erasing"
    assert people(desk.world) == [("anna", "erasing")]
    assert [name for _, name, _ in desk.bus.put[told:]].count("User Erasure Requested") >= 1


@pytest.mark.fault("down", of=("users",))
def test_a_block_counts_at_once_and_is_told_when_the_provider_is_back(desk: UserDesk) -> None:
    desk.add(**LINKS)
    desk.move.told.clear()
    desk.move.fails = ProviderBusy("503")
    gate = desk.world.gate(seconds=0)
    for _ in range(HOURS * 2):
        assert desk.turn("block").told["providers"]["move"] == "failed"
        assert gate.closed("dashcam", "d-1") is not None
        desk.moment += EVERY
    desk.move.fails = None
    assert desk.turn("block").told["providers"]["move"] == "told"
    assert desk.move.told == [("block", "m-1")]


@pytest.mark.fault("duplicate", "replay", of=("users",))
def test_somebody_who_is_erased_46_times_has_one_receipt(
    erasing: ErasureWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasing.leaves("our-anna", move="move-anna")
    erasing.kept.providers["move"].known = {"move-anna"}
    passes = [run(erasing, monkeypatch, f"run-{number}") for number in range(COPIES)]
    assert passes == [1] + [0] * (COPIES - 1)
    [receipts] = erasing.receipts().values()
    assert len(receipts) == 1
    erased = [one for one in erasing.kept.bus.put if one[1] == "User Erased"]
    assert len(erased) == 1
