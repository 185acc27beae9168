"""Providers told to forget people: once each, and what can't be told is somebody's task."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions import begin_erasure, revoke_people
from telematics import settings
from telematics.erasure import notes, passes, revoking
from telematics.erasure.revoking import Forgetting, Outcome, Revoking, by_hand
from telematics.errors import Forbidden, NotFound, ProviderBusy, ProviderRefused
from tests.unit import erasure_world
from tests.unit.erasure_world import ErasureWorld, deploy
from tests.unit.lambda_call import Context


class Provider:
    """`answers` are what it says to each name."""

    def __init__(self, answers: dict[str, Exception]) -> None:
        self.answers = answers
        self.told: list[str] = []

    def forget(self, provider_user_id: str) -> None:
        self.told.append(provider_user_id)
        if error := self.answers.get(provider_user_id):
            raise error


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ErasureWorld]:
    world = ErasureWorld(tmp_path)
    for who in ("anna", "carl", "dora"):
        world.leaves(who, move=f"m-{who}")
    world.leaves("emma", sentiance="s-emma")
    deploy(monkeypatch, world)
    world.kept.machines.status = {"one": "RUNNING"}
    yield world
    erasure_world.forget_deployments()


def told(provider: Forgetting | None, pass_id: str) -> int:
    there = Revoking("move", passes.deployed(), notes.deployed, lambda: provider)
    return there.revoke(pass_id)


def begun() -> str:
    return begin_erasure.handler({"execution": "one"}, Context())["pass_id"]


def outcomes(world: ErasureWorld, pass_id: str) -> dict[str, str]:
    there = notes.deployed(pass_id)
    subjects = {world.subject(one): one for one in ("anna", "carl", "dora", "emma")}
    return {
        subjects[name.rpartition("/")[2]]: note["outcome"]
        for name, note in there.under("revoked/move/")
    }


def test_each_answer_is_an_outcome(world: ErasureWorld) -> None:
    pass_id = begun()
    provider = Provider({"m-carl": NotFound("404"), "m-dora": Forbidden("403")})
    assert told(provider, pass_id) == 3
    assert outcomes(world, pass_id) == {
        "anna": Outcome.REVOKED,
        "carl": Outcome.REVOKED,
        "dora": Outcome.REFUSED,
    }


def test_without_a_key_it_is_somebodys_task(world: ErasureWorld) -> None:
    pass_id = begun()
    assert told(None, pass_id) == 3
    assert set(outcomes(world, pass_id).values()) == {Outcome.MANUAL}


def test_who_was_told_is_not_told_again_when_others_are(world: ErasureWorld) -> None:
    pass_id = begun()
    provider = Provider({"m-carl": ProviderBusy("503")})
    with pytest.raises(ProviderBusy):
        told(provider, pass_id)
    first = list(provider.told)
    provider.answers = {}
    assert told(provider, pass_id) == 3
    again = provider.told[len(first) :]
    assert again[0] == "m-carl"
    assert sorted({*first, *again}) == ["m-anna", "m-carl", "m-dora"]
    assert len(provider.told) == 4
    told(Provider({"m-anna": ProviderRefused("400")}), pass_id)
    assert set(outcomes(world, pass_id).values()) == {Outcome.REVOKED}


def test_what_is_left_to_do_names_the_provider_and_nobody() -> None:
    assert by_hand("move", Outcome.REVOKED) is None
    for outcome in (Outcome.MANUAL, Outcome.REFUSED):
        task = by_hand("dashcam", outcome)
        assert task is not None
        assert "MiTAC VisionMax" in task


def test_the_function_tells_the_provider_that_it_is_of(
    world: ErasureWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_id = begun()
    monkeypatch.setenv("PROVIDER", "sentiance")
    settings.settings.cache_clear()
    revoking.deployed.cache_clear()
    assert revoke_people.handler({"pass_id": pass_id}, Context()) == {"people": 1}
    assert outcomes(world, pass_id) == {}
