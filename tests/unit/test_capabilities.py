"""Addresses that may be called once: only the exact token works, once, until it expires."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.capabilities import REPEATED_WITHIN, Capabilities, digest_of, place_of
from telematics.errors import NotAuthentic
from telematics.schemes import HANDED_OUT
from telematics.tasks import Tasks
from tests.unit.fakes import FakeTable

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=45)
DAY = date(2024, 3, 4)
BODY, OTHER = digest_of(b"an answer"), digest_of(b"another answer")
TOKENS = st.binary(min_size=32, max_size=32).map(
    lambda chance: chance.hex()  # as long as it may get, of signs that a path may have
)


@dataclass
class Counted(FakeTable):
    """Counts what it is asked for."""

    calls: list[str] = field(default_factory=list)

    def get_item(self, **told: Any) -> Any:
        self.calls.append("read")
        return super().get_item(**told)

    def update_item(self, **told: Any) -> Any:
        self.calls.append("change")
        return super().update_item(**told)


def minted(token: str = "t" * 43) -> tuple[Capabilities, str]:
    known = Capabilities(Tasks(cast(Any, Counted())))
    given_out, _ = known.mint("task-1", day=DAY, until=UNTIL, random=lambda _: token)
    return known, given_out


def is_known(known: Capabilities, token: str, *, body: str = BODY, now: datetime = NOW) -> bool:
    try:
        known.find(token, body, now=now)
    except NotAuthentic:
        return False
    return True


def test_a_token_has_256_bits_and_is_never_kept() -> None:
    known = Capabilities(Tasks(cast(Any, FakeTable())))
    made = {known.mint("task-1", day=DAY, until=UNTIL)[0] for _ in range(100)}
    assert len(made) == 100
    assert all(len(token) == 43 for token in made)  # base64 of 32 bytes
    kept = repr(known.tasks.table)
    assert not any(token in kept for token in made)
    for token in made:
        digest = hashlib.sha256(token.encode()).hexdigest()
        assert known.look(f"{HANDED_OUT}{digest}") is not None


def test_a_token_stands_for_its_task_and_the_day_of_it() -> None:
    known, token = minted()
    found = known.find(token, BODY, now=NOW)
    assert (found.task_id, found.day, found.used_by) == ("task-1", DAY, "")
    assert found.place == place_of(token)


def test_the_same_token_is_never_handed_out_twice() -> None:
    known, token = minted()
    with pytest.raises(NotAuthentic):
        known.mint("task-2", day=DAY, until=UNTIL, random=lambda _: token)
    assert known.find(token, BODY, now=NOW).task_id == "task-1"


@given(TOKENS, st.data())
def test_any_change_of_a_token_makes_it_another(token: str, data: st.DataObject) -> None:
    known, _ = minted(token)
    place = data.draw(st.integers(0, len(token) - 1))
    sign = data.draw(st.characters().filter(lambda one: one != token[place]))
    for forged in (
        token[:place] + sign + token[place + 1 :],
        token[:place] + sign + token[place:],
        token[:place],
        token[place + 1 :],
        token + sign,
        token.swapcase() if token.swapcase() != token else "",
    ):
        assert not is_known(known, forged)
    assert is_known(known, token)


@given(st.text(max_size=100))
def test_a_guess_is_never_right(guess: str) -> None:
    known, token = minted()
    assert is_known(known, guess) == (guess == token)


@pytest.mark.fault("clock", of=("zendrive",))
@given(st.integers(-100_000, 100_000))
def test_a_token_works_until_it_expires_and_never_after(seconds: int) -> None:
    known, token = minted()
    moment = UNTIL + timedelta(seconds=seconds)
    assert is_known(known, token, now=moment) == (seconds < 0)


@given(st.lists(st.sampled_from([BODY, OTHER]), min_size=1, max_size=6))
def test_a_token_is_used_by_one_body_only_which_may_be_repeated(bodies: list[str]) -> None:
    known, token = minted()
    for body in bodies:
        is_first_body = body == bodies[0]
        assert is_known(known, token, body=body) == is_first_body
        if is_first_body:
            assert known.use(known.find(token, body, now=NOW), body, now=NOW)


def test_of_two_bodies_at_once_one_is_taken() -> None:
    known, token = minted()
    first, second = (known.find(token, body, now=NOW) for body in (BODY, OTHER))
    assert known.use(first, BODY, now=NOW)
    assert not known.use(second, OTHER, now=NOW)
    assert known.use(first, BODY, now=NOW)  # the same twice at once
    assert is_known(known, token)


@pytest.mark.fault("replay", of=("zendrive",))
def test_a_repeat_counts_for_a_day() -> None:
    known, token = minted()
    known.use(known.find(token, BODY, now=NOW), BODY, now=NOW)
    seconds = timedelta(seconds=1)
    assert is_known(known, token, now=NOW + REPEATED_WITHIN - seconds)
    assert not is_known(known, token, now=NOW + REPEATED_WITHIN)


def test_a_use_that_came_to_nothing_is_none() -> None:
    known, token = minted()
    found = known.find(token, BODY, now=NOW)
    known.use(found, BODY, now=NOW)
    known.release(found, OTHER)
    assert not is_known(known, token, body=OTHER)
    known.release(found, BODY)
    assert is_known(known, token, body=OTHER)


def test_what_is_closed_is_open_to_nobody_and_who_was_faster_is_told() -> None:
    known, token = minted()
    closed = known.close(place_of(token))
    assert closed is not None
    assert closed.used_by == ""
    assert not is_known(known, token)

    known, token = minted()
    known.use(known.find(token, BODY, now=NOW), BODY, now=NOW)
    used = known.close(place_of(token))
    assert used is not None
    assert used.used_by == BODY
    assert is_known(known, token)
    assert known.close("callback-none") is None


def test_a_body_that_was_too_large_does_not_use_the_token() -> None:
    known, token = minted()
    known.mark_too_large(known.find(token, BODY, now=NOW), 5_000_001)
    found = known.find(token, OTHER, now=NOW)
    assert (found.too_large_bytes, found.used_by) == (5_000_001, "")


def test_whatever_is_amiss_the_same_work_is_done() -> None:
    known, token = minted()
    table = cast(Counted, known.tasks.table)
    used, _ = known.mint("task-1", day=DAY, until=UNTIL, random=lambda _: "u" * 43)
    known.use(known.find(used, OTHER, now=NOW), OTHER, now=NOW)
    closed, place = known.mint("task-1", day=DAY, until=UNTIL, random=lambda _: "c" * 43)
    known.close(place)
    amiss = {
        "guessed": ("g" * 43, NOW),
        "forged": (token[:-1] + "x", NOW),
        "truncated": (token[:-1], NOW),
        "empty": ("", NOW),
        "very long": ("x" * 100_000, NOW),
        "expired": (token, UNTIL),
        "used": (used, NOW),
        "closed": (closed, NOW),
    }
    told = {}
    for name, (one, now) in amiss.items():
        table.calls.clear()
        with pytest.raises(NotAuthentic) as refusal:
            known.find(one, BODY, now=now)
        told[name] = (str(refusal.value), tuple(table.calls))
    assert set(told.values()) == {("no token of ours, or no longer", ("read",))}
