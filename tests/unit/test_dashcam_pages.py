"""Lists that change while they are read lose nothing, and end."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import ProviderRefused
from telematics.providers.dashcam import answers, pages
from telematics.providers.dashcam.answers import Answer, Page


def page(uuids: list[str], count: object) -> Page:
    data = [{"uuid": one} for one in uuids]
    body = json.dumps({"result": True, "code": "S00000", "count": count, "data": data}).encode()
    envelope = answers.envelope(body)
    assert envelope is not None
    return answers.of_many(Answer("events", body, envelope))


@dataclass
class Shelf:
    """A list in order, which somebody changes before each page is told."""

    uuids: list[str]
    change: Callable[[int, list[str]], object] = lambda request, uuids: None
    counts: bool = True
    most: int = 200
    asked: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, offset: int, limit: int) -> Page:
        self.change(len(self.asked), self.uuids)
        self.asked.append((offset, limit))
        told = self.uuids[offset : offset + min(limit, self.most)]
        return page(told, len(self.uuids) if self.counts else None)


def names(number: int) -> list[str]:
    return [f"e{one:05d}" for one in range(number)]


def found(shelf: Shelf) -> set[str]:
    return {one.about.uuid for one in pages.all_of(shelf).elements}


@pytest.mark.parametrize("number", [0, 1, 199, 200, 201, 380, 1234])
@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("most", [200, 50, 5, 1])
def test_all_pages_are_read_whatever_the_server_takes_for_one(
    number: int, counts: bool, most: int
) -> None:
    shelf = Shelf(names(min(number, 250 if most < 50 else number)), counts=counts, most=most)
    assert found(shelf) == set(shelf.uuids)
    assert all(limit == 200 for _, limit in shelf.asked)


def test_pages_overlap() -> None:
    shelf = Shelf(names(500))
    found(shelf)
    assert shelf.asked == [(0, 200), (180, 200), (360, 200)]


def test_a_small_list_takes_one_question() -> None:
    shelf = Shelf(names(2))
    listing = pages.all_of(shelf)
    assert shelf.asked == [(0, 200)]
    assert (len(listing.elements), listing.lacking) == (2, 0)


@pytest.mark.parametrize("number", [1, 5, 19, 20, 21, 60, 150, 199])
@pytest.mark.parametrize("at", [1, 2])
def test_what_is_discarded_meanwhile_takes_nothing_else_with_it(number: int, at: int) -> None:
    def discard(request: int, uuids: list[str]) -> None:
        if request == at:
            del uuids[:number]

    for size in (230, 500, 750):
        shelf = Shelf(names(size), discard)
        assert found(shelf) >= set(shelf.uuids)


@pytest.mark.parametrize("number", [1, 5, 25, 250])
def test_what_arrives_late_where_was_read_already_is_found(number: int) -> None:
    def arrive(request: int, uuids: list[str]) -> None:
        if request == 1:
            uuids[:0] = [f"late-{one}" for one in range(number)]

    shelf = Shelf(names(500), arrive)
    assert found(shelf) == set(shelf.uuids)


def test_what_never_adds_up_is_told_after_a_few_attempts() -> None:
    asked = []

    def more_than_it_tells(offset: int, limit: int) -> Page:
        asked.append(offset)
        return page(names(3)[offset:], 7)

    listing = pages.all_of(more_than_it_tells)

    assert (len(listing.elements), listing.lacking) == (3, 4)
    assert len(asked) < 20


def test_a_server_that_does_not_look_at_the_offset_does_not_keep_us() -> None:
    asked = []

    def always(offset: int, limit: int) -> Page:
        asked.append(offset)
        return page(names(200), 1000)

    assert len(pages.all_of(always).elements) == 200
    assert len(asked) < 20


def test_a_list_that_never_ends_is_refused_in_the_end() -> None:
    def endless(offset: int, limit: int) -> Page:
        return page([f"e{one}" for one in range(offset, offset + limit)], None)

    with pytest.raises(ProviderRefused, match="500 pages"):
        pages.all_of(endless)


def test_of_what_is_told_twice_the_last_counts() -> None:
    told = [page(["a", "b"], 3), page(["b", "c"], 3)]
    listing = answers.Listing(tuple(told))
    assert [one.about.uuid for one in listing.elements] == ["a", "b", "c"]
    assert len(listing.answers) == 2


@given(st.integers(0, 700), st.randoms(use_true_random=False), st.booleans())
def test_what_is_there_all_the_time_is_found_whatever_happens_around_it(
    size: int, chance: random.Random, counts: bool
) -> None:
    original, newcomers = names(size), iter(f"late-{one}" for one in range(10_000))

    def change(request: int, uuids: list[str]) -> None:
        if not request or request > 12:
            return
        for _ in range(chance.choice([0, 0, 1, 3, 30])):
            if uuids and chance.random() < 0.5:
                uuids.pop(chance.randrange(len(uuids)))
            else:
                uuids.insert(chance.randrange(len(uuids) + 1), next(newcomers))

    shelf = Shelf(list(original), change, counts)
    assert found(shelf) >= set(original) & set(shelf.uuids)
