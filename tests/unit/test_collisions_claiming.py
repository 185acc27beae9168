"""Who asks for the details of a collision, what makes sense to ask, and who joins whom."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.collisions.collision import LEGAL, Collision, IllegalTransition, State
from telematics.collisions.drivers import NotLinked
from telematics.collisions.wishes import oldest_day, wish
from telematics.errors import InvalidRequest, UserBlocked
from telematics.events import NotAnnounced
from telematics.requesting import Conflict
from telematics.users.user import Status, UnknownUser, UserGone
from tests.unit.collision_world import DETAIL, NOW, World, world

__all__ = ["world"]

ENDS_WITHOUT_ANSWER = ["unanswered", "refused", "too_large"]


def end(here: World, state: str) -> None:
    """However it came to that."""
    collision_id = here.claimed().collision.task_id
    here.table.items[collision_id] |= {"state": state, "is_announced": True}
    here.bus.put.clear()


def test_the_first_claims_and_a_machine_is_asked_for_without_a_word_of_who_or_where(
    world: World,
) -> None:
    claimed = world.claimed(at="2024-03-04T07:12:30Z", latitude=52.52, longitude=13.405)

    assert not claimed.joined
    collision = claimed.collision
    assert (collision.state, collision.provider_user_id) == (State.REQUESTED, "driver-77")
    assert (collision.latitude, collision.longitude) == (Decimal("52.52"), Decimal("13.405"))
    [(source, name, detail)] = world.bus.put
    assert (source, name) == ("telematics.acme", "Collision Requested")
    assert detail == {"provider": "acme", "collision_id": collision.task_id}
    assert world.collisions.get(collision.task_id) == collision


def test_the_id_is_that_of_claim_user_day_and_place(world: World) -> None:
    first = world.wish().collision_id
    assert first == "collision-dbda18802dd3ac55aeb90091"
    assert world.wish(requester="another").collision_id == first
    exact = {"at": "2024-03-04T08:12:30+01:00", "latitude": 52.5, "longitude": 13}
    same = {"at": 1709536350000, "latitude": "52.50", "longitude": 13.0}
    assert world.wish(**exact).collision_id == world.wish(**same).collision_id != first
    for other in (
        {"claim": "claim 4712"},
        {"date": "2024-03-05"},
        {"user_id": "user-2"},
        {"at": "2024-03-04T08:12:30Z"},
        {"latitude": 52.5, "longitude": 13},
    ):
        assert world.wish(**other).collision_id != first


def test_who_asks_again_joins_and_costs_nothing(world: World) -> None:
    world.asked(world.claimed().collision.task_id)
    world.bus.put.clear()

    claimed = world.claimed(requester="fraud-desk")

    assert claimed.joined
    assert [one.requester for one in claimed.collision.requests] == ["claims-desk", "fraud-desk"]
    assert world.bus.put == []
    assert len(world.source.asked) == 1


def test_an_answer_that_is_there_is_joined(world: World) -> None:
    end(world, "received")
    claimed = world.claimed()
    assert claimed.joined
    assert claimed.collision.state is State.RECEIVED
    assert world.bus.put == []


@pytest.mark.parametrize("state", ENDS_WITHOUT_ANSWER)
def test_what_ended_without_an_answer_is_begun_again(world: World, state: str) -> None:
    end(world, state)
    world.pass_by(days=1)
    claimed = world.claimed()
    assert not claimed.joined
    assert claimed.collision.state is State.REQUESTED
    assert claimed.collision.requested_at == NOW
    assert not claimed.collision.is_announced
    assert [name for _, name, _ in world.bus.put] == ["Collision Requested"]


def test_who_repeats_a_request_wants_to_know_how_it_ended(world: World) -> None:
    world.claimed(key="key-1")
    world.table.items[world.wish().collision_id]["state"] = "unanswered"
    claimed = world.claimed(key="key-1")
    assert claimed.collision.state is State.UNANSWERED
    assert not claimed.joined


def test_a_key_that_was_used_for_another_request_is_a_conflict(world: World) -> None:
    world.claimed(key="key-1")
    with pytest.raises(Conflict):
        world.claimed(key="key-1", claim="another")


def test_a_request_that_nobody_works_on_any_more_is_begun_again(world: World) -> None:
    world.asked(world.claimed().collision.task_id)
    world.pass_by(hours=23)
    assert world.claimed().joined
    world.pass_by(hours=1)
    assert not world.claimed().joined


def test_a_bus_that_takes_nothing_leaves_a_claim_that_the_next_request_begins(
    world: World,
) -> None:
    world.bus.refuses = True
    with pytest.raises(NotAnnounced):
        world.claimed()
    world.bus.refuses = False
    assert world.claimed().joined
    assert len(world.bus.put) == 1


def test_our_own_name_and_the_providers_are_the_same_request(world: World) -> None:
    ours = world.claimed().collision
    theirs = world.claimed(user_id="driver-77")
    assert theirs.joined
    assert theirs.collision.task_id == ours.task_id


@pytest.mark.parametrize(
    ("user_id", "error"),
    [
        ("id-nobody", UnknownUser),
        ("id-blocked", UserBlocked),
        ("driver-blocked", UserBlocked),
        ("id-erasing", UserGone),
        ("id-erased", UserGone),
        ("driver-erased", UserGone),
        ("id-unlinked", NotLinked),
    ],
)
def test_nobody_is_asked_about_whom_we_may_not_know(
    world: World, user_id: str, error: type[Exception]
) -> None:
    world.people.add("id-blocked", status=Status.BLOCKED, acme="driver-blocked")
    world.people.add("id-erasing", status=Status.ERASING, acme="driver-9")
    world.people.add("id-unlinked", other="driver-9")
    world.people.erased |= {"id-erased", "driver-erased"}
    with pytest.raises(error) as refusal:
        world.claimed(user_id=user_id, key="key-1")
    assert user_id not in str(refusal.value)
    assert world.table.items == {}
    assert world.bus.put == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"date": "2024-3-4"}, "date is a day"),
        ({"date": "20240304"}, "date is a day"),
        ({"date": "2024-02-30"}, "date is a day"),
        ({"date": "2024-03-04T00:00:00Z"}, "date is a day"),
        ({"date": None}, "date is a day"),
        ({"date": 20240304}, "date is a day"),
        ({"date": "2024-03-06"}, "in the future"),
        ({"date": "2023-09-04"}, "older than six months: nothing before 2023-09-05"),
        ({"at": "2024-03-04T07:12:30"}, "at is a time"),
        ({"at": "noon"}, "at is a time"),
        ({"at": True}, "at is a time"),
        ({"at": 10**30}, "at is a time"),
        ({"at": "2024-03-02T23:59:59Z"}, "more than a day from date"),
        ({"at": "2024-03-06T00:00:00Z"}, "more than a day from date"),
        ({"latitude": 52.5}, "come together"),
        ({"longitude": 13}, "come together"),
        ({"latitude": 90.1, "longitude": 0}, "latitude is a number"),
        ({"latitude": 0, "longitude": -180.1}, "longitude is a number"),
        ({"latitude": "north", "longitude": 0}, "latitude is a number"),
        ({"latitude": float("nan"), "longitude": 0}, "latitude is a number"),
        ({"latitude": True, "longitude": 0}, "latitude is a number"),
        ({"claim": " "}, "claim is a text"),
        ({"claim": "x" * 301}, "claim is a text"),
        ({"claim": "a\nb"}, "claim is a text"),
        ({"user_id": ""}, "user_id is a text"),
        ({"requester": 7}, "requester is a text"),
        ({"provider": "other"}, "this asks acme"),
    ],
)
def test_what_makes_no_sense_is_told_what_would(
    world: World, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(InvalidRequest, match=why):
        world.wish(**changes)


@pytest.mark.parametrize("day", ["2024-03-05", "2023-09-05"])
def test_today_and_six_months_ago_can_be_asked_for(world: World, day: str) -> None:
    assert world.wish(date=day).day.isoformat() == day


@given(st.dates(date(1971, 1, 1), date(2100, 1, 1)))
def test_six_months_are_the_same_day_six_months_before_or_the_last_of_that_month(
    today: date,
) -> None:
    oldest = oldest_day(today)
    months = (today.year - oldest.year) * 12 + today.month - oldest.month
    assert months == 6
    is_last = (oldest + timedelta(days=1)).day == 1
    assert oldest.day == today.day or (is_last and oldest.day < today.day)


@given(
    st.floats(-90, 90, allow_nan=False),
    st.floats(-180, 180, allow_nan=False),
    st.datetimes(datetime(2024, 3, 3), datetime(2024, 3, 5, 8)),  # noqa: DTZ001  # made aware
)
def test_what_is_claimed_is_read_again_as_it_was(
    latitude: float, longitude: float, at: datetime
) -> None:
    told = DETAIL | {"latitude": latitude, "longitude": longitude}
    asked = wish(told | {"at": f"{at.isoformat()}Z"}, provider="acme", now=NOW)
    written = Collision(
        task_id=asked.collision_id,
        provider="acme",
        user_id="user-1",
        provider_user_id="driver-77",
        day=asked.day,
        at=asked.at,
        latitude=asked.latitude,
        longitude=asked.longitude,
        claim=asked.claim,
        requested_at=NOW,
        begun_at=NOW,
    )
    item = {**written.item(), "task_id": written.task_id, "revision": 0}
    kept = {name: one for name, one in item.items() if one is not None}
    assert Collision.of(kept) == written
    assert abs(float(asked.latitude or 0) - latitude) < 1e-6
    assert asked.at is not None
    assert abs(asked.at - at.replace(tzinfo=UTC)) < timedelta(milliseconds=1)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_only_legal_transitions_are_made(world: World, before: State, after: State) -> None:
    one = world.claimed().collision.with_(state=before)
    if after is before or after in LEGAL[before]:
        assert one.turned(after).state is after
    else:
        with pytest.raises(IllegalTransition):
            one.turned(after)
