"""Notes of a pass: what was found the first time, and for whom nobody is named."""

from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from telematics.erasure.notes import Notes
from tests.unit.erasure_buckets import FakeBuckets
from tests.unit.fakes import refusal


@pytest.fixture
def s3(tmp_path: Path) -> FakeBuckets:
    return FakeBuckets(tmp_path, page_size=2)


def notes(s3: FakeBuckets, number: int = 1) -> Notes:
    return Notes(cast(Any, s3), "results", f"p-{number}")


def test_what_was_found_first_stays(s3: FakeBuckets) -> None:
    there = notes(s3)
    assert there.once("round-1/rows/a", lambda: {"rows": 3}) == {"rows": 3}
    assert there.once("round-1/rows/a", lambda: {"rows": 0}) == {"rows": 3}
    assert list(s3.objects["results"]) == ["erasures/p-1/round-1/rows/a.json"]


def test_passes_know_nothing_of_each_other(s3: FakeBuckets) -> None:
    notes(s3).write("a", {"n": 1})
    assert notes(s3, 10).read("a") is None
    assert notes(s3, 10).all() == {}


def test_all_of_them_are_read_in_their_order(s3: FakeBuckets) -> None:
    there = notes(s3)
    for name in ("b/2", "a", "b/1", "bc/1", "b/3"):
        there.write(name, {"name": name})
    assert list(there.all()) == ["a", "b/1", "b/2", "b/3", "bc/1"]
    assert [name for name, _ in there.under("b/")] == ["b/1", "b/2", "b/3"]
    assert all(note == {"name": name} for name, note in there.all().items())


def test_what_is_forgotten_is_read_no_more(s3: FakeBuckets) -> None:
    there = notes(s3)
    for name in ("seen/1", "seen/2", "seen/3", "places"):
        there.write(name, {})
    there.forget("seen/")
    assert list(there.all()) == ["places"]


def test_what_was_seen_is_told_by_kind(s3: FakeBuckets) -> None:
    there = notes(s3)
    hits = [{"kind": "raw", "name": "one"}, {"kind": "media", "name": "two"}]
    there.write("round-1/seen/raw", {"hits": hits})
    there.write("round-2/seen/raw", {"hits": [{"kind": "raw", "name": "late"}]})
    assert list(there.seen(1, "raw")) == ["one"]
    assert list(there.seen(1, "media")) == ["two"]
    assert list(there.seen(0, "raw")) == []


def test_a_bucket_that_answers_nothing_is_not_taken_for_an_empty_one(
    s3: FakeBuckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: str) -> None:
        raise refusal("SlowDown", "GetObject")

    monkeypatch.setattr(s3, "get_object", refuse)
    with pytest.raises(ClientError):
        notes(s3).once("a", dict)
    assert s3.objects == {}
