"""A request from its first question to its end: who is told what, and that it is told once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from telematics.capabilities import digest_of
from telematics.collisions.asking import MOST_FAILURES
from telematics.collisions.collision import State, UnknownCollision
from telematics.collisions.hearing import answered
from telematics.errors import InvalidRequest, ProviderBusy, ProviderRefused
from telematics.events import NotAnnounced
from telematics.raw import RawKey
from telematics.users.user import Status
from tests.unit.collision_world import ANSWER, NOW, World, place_of, world
from tests.unit.fakes import refusal

__all__ = ["world"]

UNANSWERED, RECEIVED = "Collision Unanswered", "Collision Received"


def test_the_provider_is_asked_once_at_an_address_of_its_own(world: World) -> None:
    exact: Any = {"at": "2024-03-04T07:12:30Z", "latitude": 52.5, "longitude": 13}
    collision_id = world.claimed(**exact).collision.task_id

    assert world.asked(collision_id) == ""

    [question] = world.source.asked
    assert (question.driver, question.day.isoformat()) == ("driver-77", "2024-03-04")
    assert (question.at, question.latitude) == (
        world.wish(**exact).at,
        world.wish(**exact).latitude,
    )
    [token] = world.source.tokens
    asked = world.collisions.get(collision_id)
    assert asked is not None
    assert (asked.state, asked.asks, asked.wait_token) == (State.ASKED, 1, "task-token")
    assert asked.addresses == (place_of(token),)
    assert world.steps.told == []  # the machine waits


def test_an_answer_ends_the_wait_and_is_told_of_once(world: World) -> None:
    world.asked()
    taken = world.posted(world.source.tokens[0])

    assert world.told_of(str(taken.key)) == 1
    assert world.steps.told == [
        (
            "task-token",
            {"collision_id": world.wish().collision_id, "next": "finish", "wait_seconds": 0},
        )
    ]
    assert world.finished() == world.finished() == "received"

    [(name, detail)] = world.news
    assert name == RECEIVED
    digest = digest_of(ANSWER)
    collision_id = world.wish().collision_id
    assert detail == {
        "provider": "acme",
        "collision_id": collision_id,
        "state": "received",
        "reason": "",
        "raw_key": f"acme/details/day=2024-03-04/{collision_id}-{digest}.json",
        "sha256": digest,
    }
    assert world.raw.objects == {detail["raw_key"]: ANSWER}
    assert world.collision.ended_at == NOW
    assert world.collision.wait_token == ""


def test_an_answer_that_comes_twice_is_one(world: World) -> None:
    world.asked()
    keys = [str(world.posted(world.source.tokens[0]).key) for _ in range(2)]
    assert [world.posted(world.source.tokens[0]).is_new for _ in range(2)] == [False, False]
    world.told_of(keys[0])
    world.finished()
    world.told_of(keys[1])
    world.finished()
    assert len(world.collision.answers) == 1
    assert [name for name, _ in world.news] == [RECEIVED]


def test_without_an_answer_it_is_asked_again_at_another_address_and_given_up(world: World) -> None:
    for _ in range(3):
        assert world.asked(world.claimed().collision.task_id) == ""
        world.pass_by(seconds=900)
    assert world.asked(world.collision.task_id) == "finish"
    assert len(set(world.source.tokens)) == 3

    assert world.finished() == "unanswered"

    [(name, detail)] = world.news
    assert name == UNANSWERED
    assert detail["reason"] == "no answer came; it was asked for 3 times"
    assert (detail["raw_key"], detail["sha256"]) == ("", "")
    for token in world.source.tokens:
        assert world.refused(token).status == 404


def test_a_late_answer_to_an_earlier_address_counts(world: World) -> None:
    world.asked()
    world.pass_by(seconds=900)
    world.asked(world.collision.task_id)
    world.pass_by(seconds=899)
    world.told_of(str(world.posted(world.source.tokens[0]).key))
    assert world.finished() == "received"
    later = world.posted(world.source.tokens[1], b"{}")  # what comes to the other one is kept
    world.told_of(str(later.key))
    assert [one.raw_key for one in world.collision.answers][1] == str(later.key)
    assert [name for name, _ in world.news] == [RECEIVED]


def test_every_address_lives_as_long_as_an_answer_is_waited_for_and_not_much_longer(
    world: World,
) -> None:
    for _ in range(3):
        world.asked(world.claimed().collision.task_id)
        world.pass_by(seconds=900)
    until = {int(world.table.items[place_of(one)]["expires_at"]) for one in world.source.tokens}
    last = NOW + timedelta(seconds=3 * 900 + 600)
    assert until == {int(last.timestamp())}


@pytest.mark.parametrize("step", ["ask", "finish"])
def test_an_answer_of_the_last_moment_is_heard_before_raw_tells_of_it(
    world: World, step: str
) -> None:
    for _ in range(3):
        world.asked(world.claimed().collision.task_id)
        world.pass_by(seconds=900)
    if step == "ask":
        world.posted(world.source.tokens[2])
        assert world.asked(world.collision.task_id) == "finish"
    else:
        assert world.asked(world.collision.task_id) == "finish"
        world.posted(world.source.tokens[2])
    assert world.finished() == "received"
    assert world.news[0][1]["sha256"] == digest_of(ANSWER)
    assert world.told_of(world.news[0][1]["raw_key"]) == 0
    assert len(world.collision.answers) == 1


def test_an_answer_while_we_still_ask_is_heard(world: World) -> None:
    def answer_at_once() -> None:
        key = world.posted(world.source.tokens[-1]).key
        world.told_of(str(key))

    class Prompt(type(world.source)):  # type: ignore[misc]  # a test's own
        def ask(self, question: Any) -> None:
            super().ask(question)
            answer_at_once()

    world.source = Prompt()
    assert world.asked() == "finish"
    assert [told["next"] for _, told in world.steps.told] == ["finish", "finish"]
    assert world.finished() == "received"


@pytest.mark.parametrize(
    "error",
    [
        ProviderRefused("Acme answered 400: no driver-77"),
        InvalidRequest("that can't be asked for driver-77"),
    ],
)
def test_a_refusal_ends_it_with_the_reason_and_without_what_was_asked(
    world: World, error: Exception
) -> None:
    world.source.answers = [error]
    assert world.asked() == "finish"
    assert world.finished() == "refused"
    [(name, detail)] = world.news
    assert (name, detail["state"]) == (UNANSWERED, "refused")
    assert re.search("answered 400: no <secret>|can't be asked for <secret>", detail["reason"])
    assert world.refused(world.source.tokens[0]).status == 404


def test_what_a_provider_repeats_of_an_address_is_not_told(world: World) -> None:
    class Telling(type(world.source)):  # type: ignore[misc]  # a test's own
        def ask(self, question: Any) -> None:
            super().ask(question)
            raise ProviderRefused(f"bad {question.answer_to.get_secret_value()} {self.tokens[0]}")

    world.source = Telling()
    world.asked()
    assert world.collision.reason == "bad <secret> <secret>"


def test_a_busy_provider_is_asked_again_each_time_later(world: World) -> None:
    busy: Exception = ProviderBusy("Acme answered 503")
    world.source.answers = [busy, busy, ProviderBusy("429", retry_after_seconds=77), None]
    collision_id = world.claimed().collision.task_id
    for _ in range(3):
        assert world.asked(collision_id) == "pause"
        world.pass_by(seconds=60)
    assert [told["wait_seconds"] for _, told in world.steps.told] == [10, 15, 77]
    assert world.asked(collision_id) == ""
    assert (world.collision.asks, world.collision.failures) == (1, 0)


def test_a_provider_that_is_busy_for_ever_is_given_up(world: World) -> None:
    world.source.answers = [ProviderBusy("Acme answered 503")] * MOST_FAILURES
    collision_id = world.claimed().collision.task_id
    following = [world.asked(collision_id) for _ in range(MOST_FAILURES)]
    assert following == ["pause"] * (MOST_FAILURES - 1) + ["finish"]
    assert world.finished() == "unanswered"
    assert world.news[0][1]["reason"] == "the provider had no time for it: Acme answered 503"
    waits = [told["wait_seconds"] for _, told in world.steps.told]
    assert max(waits) <= 600


def test_an_answer_counts_also_where_we_did_not_hear_that_it_was_taken(world: World) -> None:
    world.source.answers = [ProviderBusy("no answer from acme: ReadTimeout")]
    assert world.asked() == "pause"
    world.told_of(str(world.posted(world.source.tokens[0]).key))
    assert world.asked(world.collision.task_id) == "finish"
    assert world.finished() == "received"
    assert len(world.source.asked) == 1


def test_an_answer_that_is_too_large_ends_it_as_such(world: World) -> None:
    world.asked()
    assert world.refused(world.source.tokens[0], b"x" * 1_001).status == 413
    world.pass_by(seconds=900)
    assert world.asked(world.collision.task_id) == "finish"
    assert len(world.source.asked) == 1
    assert world.finished() == "too_large"
    [(name, detail)] = world.news
    assert (name, detail["state"]) == (UNANSWERED, "too_large")
    assert detail["reason"] == "the answer had 1,001 bytes, more than the 1,000 that can be taken"
    assert world.raw.objects == {}


def test_a_smaller_answer_after_one_that_was_too_large_still_counts(world: World) -> None:
    world.asked()
    world.refused(world.source.tokens[0], b"x" * 1_001)
    world.posted(world.source.tokens[0], b"x" * 1_000)
    assert world.asked(world.collision.task_id) == "finish"
    assert world.finished() == "received"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: one.add("user-1", status=Status.BLOCKED, acme="driver-77"), "is blocked"),
        (lambda one: one.add("user-1", status=Status.ERASING, acme="driver-77"), "being erased"),
        (lambda one: one.add("user-1"), "is not linked to acme"),
        (lambda one: one.users.clear(), "nobody is registered"),
    ],
)
def test_whose_data_we_may_not_keep_any_more_is_not_asked_about(
    world: World, change: Callable[[Any], None], why: str
) -> None:
    collision_id = world.claimed().collision.task_id
    change(world.people)
    assert world.asked(collision_id) == "finish"
    assert world.source.asked == []
    assert world.finished() == "refused"
    assert why in world.news[0][1]["reason"]


def test_who_is_linked_otherwise_since_is_asked_about_as_now(world: World) -> None:
    world.asked()
    world.people.add("user-1", acme="driver-78")
    world.pass_by(seconds=900)
    world.asked(world.collision.task_id)
    assert [one.driver for one in world.source.asked] == ["driver-77", "driver-78"]
    assert world.collision.provider_user_id == "driver-78"


def test_another_execution_leaves_it_alone(world: World) -> None:
    world.asked()
    assert world.asked(world.collision.task_id, execution="run-2") == "end"
    assert len(world.source.asked) == 1
    assert world.collision.runner == "run-1"
    assert world.finished("run-2") == "asked"
    assert world.news == []


def test_what_has_ended_is_not_asked_for(world: World) -> None:
    world.asked()
    world.posted(world.source.tokens[0])
    world.finished()
    assert world.asked(world.collision.task_id) == "end"
    assert len(world.source.asked) == 1


def test_work_that_broke_off_is_accounted_for(world: World) -> None:
    world.claimed()
    assert world.finished() == "unanswered"
    assert world.news[0][1]["reason"] == "the work on it broke off"


def test_news_that_nobody_took_are_told_later(world: World) -> None:
    world.asked()
    world.posted(world.source.tokens[0])
    world.bus.refuses = True
    with pytest.raises(NotAnnounced):
        world.finished()
    world.bus.refuses = False
    world.finished()
    world.finished()
    assert [name for name, _ in world.news] == [RECEIVED]


def test_what_is_begun_anew_is_told_anew(world: World) -> None:
    world.claimed()
    world.finished()
    world.claimed(requester="again")
    world.asked(world.collision.task_id, execution="run-2")
    world.posted(world.source.tokens[0])
    assert world.finished("run-2") == "received"
    assert [name for name, _ in world.news] == [UNANSWERED, RECEIVED]


def test_an_answer_about_somebody_who_is_erased_wakes_nobody(world: World) -> None:
    world.asked()
    key = str(world.posted(world.source.tokens[0]).key)
    world.table.items.clear()
    assert world.told_of(key) == 0
    with pytest.raises(UnknownCollision):
        world.finished()


def test_a_machine_that_is_gone_needs_no_answer(world: World) -> None:
    world.asked()
    world.steps.gone = "TaskTimedOut"
    assert world.told_of(str(world.posted(world.source.tokens[0]).key)) == 0
    assert len(world.collision.answers) == 1


@pytest.mark.fault("crash", "full", of=("zendrive",))
def test_a_body_that_could_not_be_kept_may_be_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.asked()

    def fails(**_: object) -> None:
        raise refusal("SlowDown", "PutObject")

    with monkeypatch.context() as patch:
        patch.setattr(world.raw, "put_object", fails)
        with pytest.raises(ClientError, match="SlowDown"):
            world.posted(world.source.tokens[0])
    assert world.posted(world.source.tokens[0], b"another").is_new


def test_an_empty_body_is_no_answer(world: World) -> None:
    world.asked()
    assert world.refused(world.source.tokens[0], b"").status == 400
    assert world.posted(world.source.tokens[0]).is_new


def test_what_is_no_json_is_kept_all_the_same(world: World) -> None:
    world.asked()
    taken = world.posted(world.source.tokens[0], b"\xff no json")
    assert world.raw.objects[str(taken.key)] == b"\xff no json"
    assert RawKey.parse(str(taken.key)) == taken.key


def test_answers_are_told_apart_by_where_they_are_kept(world: World) -> None:
    world.asked()
    key = world.posted(world.source.tokens[0]).key
    once = answered(world.collision, key, NOW)
    assert answered(once, key, NOW + timedelta(1)) == once
