"""The soak test's own reckoning: when things go wrong in it, and what counts as flat memory."""

from functools import partial
from typing import Any, cast

import pytest

from tests.soak import faults, memory
from tests.soak.memory import Memory
from tests.soak.tally import Tally
from tests.soak.trouble import Trouble

HALF_AN_HOUR = 1_800.0


def test_everything_happens_once_and_in_time() -> None:
    trouble = Trouble(cast(Any, None), cast(Any, None), HALF_AN_HOUR)
    done: list[float] = []

    def noted(when: float) -> bool:
        done.append(when)
        return True

    trouble._due = [(when, what, partial(noted, when)) for when, what, _ in trouble._due]
    told = [what for now in range(0, int(HALF_AN_HOUR), 7) for what in trouble.pass_by(now)]
    assert done == sorted(done)
    assert len(done) == 8
    assert told[:2] == ["what loads is broken", "and mended"]
    assert told[-1] == "the old secret is retired"


def test_what_can_not_be_done_yet_is_done_later() -> None:
    trouble = Trouble(cast(Any, None), cast(Any, None), HALF_AN_HOUR)
    answers = [False, False, True]
    trouble._due = [(10, "at last", lambda: answers.pop(0))]
    assert [trouble.pass_by(now) for now in (10, 12, 15, 20, 30)] == [[], [], [], ["at last"], []]


@pytest.mark.parametrize(
    ("sizes", "is_flat"),
    [
        ([100, 110, 105, 108, 104, 106, 107, 105, 109], True),
        ([100, 100, 100, 115, 120, 125, 130, 140, 150], False),
        ([20, 20, 20, 22, 22, 22, 25, 25, 25], True),  # it is a few megabytes
        ([100, 500], True),  # seen too seldom
    ],
)
def test_memory_is_flat_unless_the_last_third_is_above_the_first(
    sizes: list[float], is_flat: bool
) -> None:
    tally, looked = Tally(), Memory(1)
    looked.samples["a function"] = [size for size in sizes for _ in range(10)]
    looked.emulator = [100.0, 200.0]
    faults.judge_memory(tally, looked)
    assert tally.failed != is_flat


def test_thirds_are_of_the_same_length() -> None:
    sizes = list(range(memory.FEWEST + 2))
    assert memory.third(sizes, 0) == sizes[:20]
    assert memory.third(sizes, 2) == sizes[40:60]
    assert memory.third(sizes[: memory.FEWEST - 1], 0) == []
