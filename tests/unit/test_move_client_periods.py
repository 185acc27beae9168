"""All items of a period, from a list without a cursor, whatever it cuts and however it sorts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import InvalidRequest, ProviderRefused
from telematics.providers.move.answers import Answers
from tests.unit.move_server import PERSON, Period, Server, Timeline, answering, ok, payload, told

BEGIN = 1_709_600_000
FIRST, LAST = (datetime.fromtimestamp(BEGIN + one, UTC) for one in (0, 1000))


def shuffled(items: list[Period]) -> list[Period]:
    return sorted(items, key=lambda one: (one.start * 7919) % 101)


Order = Callable[[list[Period]], list[Period]]

ORDERS: dict[str, Order] = {
    "newest first": list,
    "oldest first": lambda items: items[::-1],
    "shuffled": shuffled,
}
EVERY_SERVER = pytest.mark.parametrize(
    ("cuts_newest", "order"), [(cut, order) for cut in (False, True) for order in ORDERS]
)


def listed(timeline: Timeline, *, limit: int) -> tuple[Answers, Server]:
    server = Server(timeline)
    return server.client().items(PERSON, first=FIRST, last=LAST, limit=limit), server


def test_a_list_is_asked_for_as_documented() -> None:
    content = payload("answer_list_of_a_drive_and_an_idle_time")
    server = answering(ok(content))

    answers = server.client().items(
        PERSON,
        first=datetime(2024, 3, 5, microsecond=999_999, tzinfo=UTC),
        last=datetime(2024, 3, 6, microsecond=999_999, tzinfo=UTC),
    )

    assert server.paths == ["GET /timeline/v1_5"]
    assert dict(server.requests[0].url.params) == {
        "productId": "4711",
        "contractId": PERSON,
        "from": "1709596800",
        "to": "1709683200",
        "limit": "10000",
    }
    assert [one.body for one in answers.answers] == [content]
    assert len(answers.items) == 2


# Starts and lengths in milliseconds: several within a second, some across several edges. At most
# five overlap any second, or the smallest limit could not tell them apart.
@st.composite
def timelines(draw: st.DrawFn) -> list[Period]:
    steps = draw(st.lists(st.integers(200, 40_000), max_size=60))
    found, now = [], BEGIN * 1000 - 20_000
    for step in steps:
        now += step
        length = draw(st.integers(0, 3 * step))
        found.append(Period(now / 1000, (now + min(length, 30_000)) / 1000))
    return found


@EVERY_SERVER
@given(items=timelines(), limit=st.integers(1, 40))
def test_no_item_is_lost_and_none_is_told_twice(
    cuts_newest: bool, order: str, items: list[Period], limit: int
) -> None:
    timeline = Timeline(items, cuts_newest=cuts_newest, order=ORDERS[order])
    wanted = [one for one in items if one.start <= BEGIN + 1000 and one.end >= BEGIN]
    most = max((_at_once(items, second) for second in range(BEGIN, BEGIN + 1001)), default=0)

    answers, _ = listed(timeline, limit=limit + most)

    assert sorted(one.trip for one in answers.items) == sorted(one.trip for one in wanted)
    assert answers.unidentified == ()


def _at_once(items: list[Period], second: int) -> int:
    return sum(one.start <= second + 1 and one.end >= second for one in items)


@EVERY_SERVER
def test_a_full_answer_is_asked_for_again_in_halves_that_share_their_edge(
    cuts_newest: bool, order: str
) -> None:
    items = [Period(BEGIN + at, BEGIN + at + 30) for at in (100, 300, 490, 700, 900)]
    timeline = Timeline(items, cuts_newest=cuts_newest, order=ORDERS[order])

    answers, server = listed(timeline, limit=4)

    windows = [
        tuple(int(one.url.params[name]) - BEGIN for name in ("from", "to"))
        for one in server.requests
    ]
    assert windows == [(0, 1000), (0, 500), (500, 1000)]
    assert [len(one.items) for one in answers.answers] == [3, 3]
    assert len(answers.items) == 5
    assert {one.trip for one in answers.items} == {one.trip for one in items}


def test_elements_without_a_name_are_kept_once() -> None:
    nameless = b'{"startTs":"2024-03-05T09:00:00Z"}'
    full = b"[" + b",".join([nameless] * 3) + b"]"
    server = answering(ok(full), ok(b"[" + nameless + b"]"))

    answers = server.client().items(PERSON, first=FIRST, last=LAST, limit=3)

    assert len(answers.answers) == 2
    assert answers.unidentified == (nameless,)


def test_more_items_in_a_second_than_an_answer_holds_are_never_silently_cut() -> None:
    items = [Period(BEGIN + 500 + one / 1000, BEGIN + 501) for one in range(10)]

    text = told(lambda: listed(Timeline(items), limit=5), ProviderRefused)

    assert text == "Dolphin MOVE has 5 items or more within one second"


def test_a_server_that_minds_no_window_is_not_asked_for_ever() -> None:
    server = answering(ok(payload("answer_list_of_a_drive_and_an_idle_time")))
    years = FIRST + timedelta(days=10_000)

    told(
        lambda: server.client().items(PERSON, first=FIRST, last=years, limit=2),
        ProviderRefused,
    )

    assert len(server.requests) <= 32


def test_a_period_that_never_ends_is_given_up() -> None:
    full = payload("answer_list_of_a_drive_and_an_idle_time")

    def answer(request: httpx.Request) -> httpx.Response:
        width = int(request.url.params["to"]) - int(request.url.params["from"])
        return ok(full if width > 2 else "[]")

    server = Server(answer)

    text = told(
        lambda: server.client().items(PERSON, first=FIRST, last=LAST, limit=2), ProviderRefused
    )

    assert text == "Dolphin MOVE still answered in full after 200 lists"
    assert len(server.requests) == 200


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    server = answering(ok("[]"))

    told(lambda: server.client().items(PERSON, first=LAST, last=FIRST), InvalidRequest)

    assert server.requests == []


def test_the_last_answer_about_a_trip_counts() -> None:
    item = Period(BEGIN + 500, BEGIN + 500)
    server = answering(
        *(
            ok(f'[{{"startTs":"{item.trip.rfc3339}","productId":4711,"contractId":"{PERSON}",{end}')
            for end in ('"type":"FULL"},1]', '"type":"UNKNOWN"}]', '"type":"CAR"}]')
        )
    )

    answers = server.client().items(PERSON, first=FIRST, last=LAST, limit=2)

    assert [b"CAR" in one.body for one in answers.items] == [True]
    assert len(answers.answers) == 2
