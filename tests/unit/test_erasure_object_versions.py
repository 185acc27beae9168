"""Versions of objects, however many there are."""

from pathlib import Path
from typing import Any, cast

import pytest

from telematics.object_versions import NotDeleted, Versions
from tests.unit.erasure_buckets import FakeBuckets


@pytest.fixture
def s3(tmp_path: Path) -> FakeBuckets:
    """Three keys, of the first of which there are several versions, and a mark."""
    s3 = FakeBuckets(tmp_path, page_size=2)
    for body in (b"1", b"22", b"333"):
        s3.put_object(Bucket="raw", Key="a/1", Body=body)
    for key in ("a/10", "b/1"):
        s3.put_object(Bucket="raw", Key=key, Body=b"other")
    s3.delete_object(Bucket="raw", Key="a/10")
    return s3


def versions(s3: FakeBuckets) -> Versions:
    return Versions(cast(Any, s3), "raw")


def test_all_versions_and_marks_are_listed_page_by_page(s3: FakeBuckets) -> None:
    found = list(versions(s3).within(""))
    assert s3.calls == 3
    assert sorted((one.key, one.size, one.is_latest, one.is_mark) for one in found) == [
        ("a/1", 1, False, False),
        ("a/1", 2, False, False),
        ("a/1", 3, True, False),
        ("a/10", 0, True, True),
        ("a/10", 5, False, False),
        ("b/1", 5, True, False),
    ]


def test_those_of_a_key_are_not_those_of_keys_that_begin_like_it(s3: FakeBuckets) -> None:
    assert {one.key for one in versions(s3).of("a/1")} == {"a/1"}
    assert len(list(versions(s3).of("a/1"))) == 3


def test_a_listing_goes_on_behind_a_key(s3: FakeBuckets) -> None:
    assert [one.key for one in versions(s3).within("", after="a/10")] == ["b/1"]


def test_what_is_deleted_is_gone_for_good(s3: FakeBuckets) -> None:
    there = versions(s3)
    assert there.delete(there.within("a/")) == 5
    assert sorted(s3.objects["raw"]) == ["b/1"]


def test_more_than_a_call_takes_are_deleted_in_several(s3: FakeBuckets) -> None:
    for number in range(1_001):
        s3.put_object(Bucket="raw", Key=f"c/{number}", Body=b"")
    there = versions(s3)
    assert there.delete(list(there.within("c/"))) == 1_001
    assert not [key for key in s3.objects["raw"] if key.startswith("c/")]


def test_what_s3_keeps_is_told_without_its_name(s3: FakeBuckets) -> None:
    s3.refused = {"a/1"}
    with pytest.raises(NotDeleted, match="3 versions: InternalError") as error:
        versions(s3).delete(versions(s3).within(""))
    assert "a/1" not in str(error.value)
