"""The page of limits is what the code says, and every test that it names is there."""

import ast

import pytest

from tests.faults.marked import ROOT
from tests.limits.__main__ import page
from tests.limits.declared import LIMITS
from tests.limits.limit import Limit, spelt_size, spelt_span

PAGE = ROOT / "docs" / "limits.md"
ALL = [one for limits in LIMITS.values() for one in limits]


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "make docs"


@pytest.mark.parametrize("limit", ALL, ids=lambda one: one.what)
def test_a_limit_is_shown_by_a_test_that_there_is(limit: Limit) -> None:
    file, _, test = limit.shown_by.partition("::")
    tree = ast.parse((ROOT / "tests" / file).read_text())
    assert test in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}


@pytest.mark.parametrize("limit", [one for one in ALL if one.told], ids=lambda one: one.what)
def test_what_has_no_name_stands_where_it_is_told_to_stand(limit: Limit) -> None:
    file, _, text = limit.where.partition("|")
    assert text in (ROOT / file).read_text()


@pytest.mark.parametrize(
    ("spelt", "right"),
    [
        (spelt_size(5_000_000), "5,000,000 bytes"),
        (spelt_size(8 << 20), "8 MiB"),
        (spelt_span(86_400), "1 day"),
        (spelt_span(930), "930 seconds"),
        (spelt_span(7_200), "2 hours"),
    ],
)
def test_a_value_is_spelt_as_people_read_it(spelt: str, right: str) -> None:
    assert spelt == right
