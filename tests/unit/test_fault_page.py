"""The page of faults is what the tests' marks say, and no pair of fault and flow is without one."""

import itertools

import pytest

from tests.faults.__main__ import of, page
from tests.faults.marked import ROOT, shown
from tests.faults.matrix import FAULTS, FLOWS, NONE

PAGE = ROOT / "docs" / "faults.md"
TESTS = shown()


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(TESTS), "make docs"


@pytest.mark.parametrize(("fault", "flow"), list(itertools.product(FAULTS, FLOWS)))
def test_each_pair_is_shown_by_a_test_or_says_why_not(fault: str, flow: str) -> None:
    assert bool(of(TESTS, fault, flow)) != ((fault, flow) in NONE)


def test_no_mark_is_about_what_nobody_listed() -> None:
    assert {one.fault for one in TESTS} <= FAULTS.keys()
    assert {one.flow for one in TESTS} <= FLOWS.keys()
