"""People found by name, and as words anywhere."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.erasure.persons import Person, Persons, has_short_ids
from telematics.people import Identity


def someone(*ids: str, subject: str = "who", provider: str = "move") -> Person:
    return Person(subject, frozenset(Identity(provider, one) for one in ids))


def persons(*ids: str) -> Persons:
    return Persons((someone(*ids),))


@pytest.mark.parametrize(
    "content",
    [
        b"anna-1",
        b"a,anna-1,b",
        b'{"user":"anna-1"}',
        b"20201016T101300.000Z-1000-anna-1",
        b"anna-1/anna-1",
        b'"a\\nanna-1"',
        b'"a\\u00e4anna-1"',
        b"to%3Aanna-1%2F",
        b"\x00anna-1\xff",
        "ännaanna-1 é anna-1é".encode(),
    ],
)
def test_an_id_is_found_where_it_is_a_word(content: bytes) -> None:
    assert persons("anna-1").mentioned(content) == "who"


@pytest.mark.parametrize(
    "content",
    [b"", b"anna", b"anna-10", b"anna-1_", b"xanna-1", b"joanna-1", b"_anna-1", b"4anna-1z"],
)
def test_a_part_of_a_word_is_somebody_else(content: bytes) -> None:
    assert persons("anna-1").mentioned(content) is None


def test_an_id_that_begins_another_is_told_from_it() -> None:
    both = Persons((someone("anna-1", subject="one"), someone("anna-12", subject="two")))
    assert list(both.mentions(b"anna-12")) == ["two"]
    assert list(both.mentions(b"anna-1")) == ["one"]
    assert set(both.mentions(b"anna-1 anna-12")) == {"one", "two"}
    assert list(both.mentions(b"anna-123")) == []


def test_a_short_id_is_found_by_name_only() -> None:
    short = persons("42")
    assert short.mentioned(b'{"contractId": 42}') is None
    assert short.named(Identity("move", "42")) == "who"
    assert short.named(Identity("dashcam", "42")) is None
    assert short.may_be_in(b"1421")
    assert has_short_ids(someone("42"))
    assert not has_short_ids(someone("anna-1"))
    assert has_short_ids(someone("anna-1", "42"))


def test_nobody_is_nowhere() -> None:
    assert Persons(()).mentioned(b"anyone") is None
    assert not Persons(()).may_be_in(b"anyone")


IDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=":"),
    min_size=6,
    max_size=12,
)


@given(IDS)
def test_an_id_is_found_however_json_spells_it(id: str) -> None:
    sought = persons(id)
    spellings = [
        json.dumps([id]),
        json.dumps([id], ensure_ascii=False),
        json.dumps([id]).replace("/", "\\/"),
    ]
    for spelt in spellings:
        assert sought.may_be_in(spelt.encode())
        assert sought.mentioned(spelt.encode()) == "who"


@pytest.mark.parametrize(
    "content",
    [b"anna-1-45", b"big.anna-1", b"anna-1@x.de", b"12-anna-1", b"anna-1.b", b"ann-anna-1"],
)
def test_whoever_has_a_longer_name_is_somebody_else(content: bytes) -> None:
    assert persons("anna-1").mentioned(content) is None


@pytest.mark.parametrize(
    "content", [b"It is anna-1.", b"anna-1 - asked", b"for anna-1-", b"-anna-1"]
)
def test_a_sign_at_the_end_of_words_is_no_part_of_a_name(content: bytes) -> None:
    assert persons("anna-1").mentioned(content) == "who"


def test_what_was_learned_of_somebody_is_sought_as_well() -> None:
    known = persons("anna-1").with_aliases([("who", Identity("zendrive", "zen-anna"))])
    assert known.mentioned(b"zen-anna") == "who"
    assert known.named(Identity("zendrive", "zen-anna")) == "who"
