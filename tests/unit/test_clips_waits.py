"""Three days of waiting fit into the history of one execution, and cost next to nothing."""

from itertools import pairwise

import pytest

from telematics.clips.waits import (
    EVENTS_PER_POLL,
    MOST_ASKS,
    MOST_WAKEFUL_POLLS,
    TRANSITIONS_PER_POLL,
)
from telematics.waits import Waits

AWS = Waits(first_seconds=10, longest_seconds=900)
THREE_DAYS = 72 * 3600
USD_PER_TRANSITION = 0.025 / 1000
# Begin, what it leads to and a pause, for each time that a device is asked; and the end.
EVENTS_PER_ASK, TRANSITIONS_PER_ASK = 14, 4
EVENTS_AT_THE_END, TRANSITIONS_AT_THE_END = 100, 20


def test_waits_grow_and_stay_at_the_longest() -> None:
    waits = list(AWS.until(THREE_DAYS))
    assert waits[:4] == [10, 15, 22, 33]
    assert all(one <= other for one, other in pairwise(waits))
    assert max(waits) == waits[-1] == 900


def test_three_days_are_some_three_hundred_polls() -> None:
    assert 290 <= len(list(AWS.until(THREE_DAYS))) <= 300


def test_three_hundred_polls_fit_into_five_thousand_events() -> None:
    events = 300 * EVENTS_PER_POLL + MOST_ASKS * EVENTS_PER_ASK + EVENTS_AT_THE_END
    assert events < 5_000


def test_three_hundred_polls_cost_less_than_five_cents() -> None:
    polls = 300 * TRANSITIONS_PER_POLL
    transitions = polls + MOST_ASKS * TRANSITIONS_PER_ASK + TRANSITIONS_AT_THE_END
    assert transitions * USD_PER_TRANSITION < 0.05


def test_webhooks_can_not_fill_a_history() -> None:
    assert (MOST_WAKEFUL_POLLS + 300) * EVENTS_PER_POLL < 25_000 / 2


@pytest.mark.parametrize("times", [0, 1, 10, 10_000])
def test_no_wait_is_shorter_than_a_second_or_longer_than_the_longest(times: int) -> None:
    assert 1 <= Waits(0, 5).after(times) <= 5
    assert 1 <= Waits(1, 5).after(times, growth=2) <= 5
