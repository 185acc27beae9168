"""Whether somebody is mentioned in bytes, packed or not, wherever these are cut into parts."""

import gzip
import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telematics.erasure import scanning
from telematics.erasure.persons import Person, Persons
from telematics.people import Identity

ANNA = Persons((Person("who", frozenset({Identity("move", "move-anna")})),))


def mentioned(key: str, body: bytes) -> bool:
    return scanning.mentioned(key, io.BytesIO(body), ANNA)


def parquet(**columns: Sequence[object]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, compression="zstd")
    return file.getvalue()


@pytest.mark.parametrize("key", ["raw/one.json", "raw/one.csv.gz", "raw/one"])
def test_somebody_is_found_in_what_is_packed_and_what_is_not(key: str) -> None:
    def packed(body: bytes) -> bytes:
        return gzip.compress(body) if key.endswith(".gz") else body

    assert mentioned(key, packed(b'{"contractId": "move-anna"}'))
    assert not mentioned(key, packed(b'{"contractId": "move-annabel"}'))
    assert not mentioned(key, packed(b""))


def test_somebody_is_found_in_a_later_member_and_in_front_of_a_break() -> None:
    both = gzip.compress(b"first") + gzip.compress(b"second, move-anna\n" * 1000)
    assert mentioned("one.gz", both)
    assert mentioned("one.gz", both[:-9])
    assert mentioned("one.gz", b"no gzip, but move-anna")
    assert mentioned("one.gz", gzip.compress(b"packed") + b"no more: move-anna")


def test_what_an_object_is_called_counts() -> None:
    assert mentioned("media/move-anna/1.mp4", b"film")
    assert mentioned("to%2Fmove-anna.json", b"")


@pytest.mark.parametrize("before", range(20, 33))
def test_somebody_across_the_border_of_two_parts_is_found(
    monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    monkeypatch.setattr(scanning, "PART_BYTES", 32)
    monkeypatch.setattr(scanning, "OVERLAP_BYTES", 16)
    body = b"." * before + b"move-anna" + b"." * 40
    assert mentioned("one.txt", body)
    assert mentioned("one.gz", gzip.compress(body))
    assert not mentioned("one.txt", b"." * before + b"move-annabel" + b"." * 40)
    assert not mentioned("one.txt", b"." * before + b"joe_move-anna" + b"." * 40)


def test_cells_of_a_parquet_file_are_looked_into_one_by_one() -> None:
    assert mentioned("a.parquet", parquet(n=[1, 2], who=[None, "move-anna"]))
    assert mentioned("a.parquet", parquet(note=["by move-anna, of late"]))
    assert not mentioned("a.parquet", parquet(who=["x", "move-anna2"], left=["move-", "anna"]))


def test_a_parquet_file_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "ROWS_AT_ONCE", 10)
    assert mentioned("a.parquet", parquet(who=[f"other-{n}" for n in range(25)] + ["move-anna"]))


def test_texts_of_other_types_are_texts() -> None:
    texts = pa.array(["move-anna"])
    lists = pa.array([["move-anna"]])
    for column in (texts.dictionary_encode(), texts.cast(pa.large_string()), lists):
        file = io.BytesIO()
        pq.write_table(pa.table({"who": column}), file)
        assert mentioned("a.parquet", file.getvalue())
