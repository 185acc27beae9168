"""The raw zone: keys that spell what they hold, objects that are whole or not there."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import MalformedPayload
from telematics.raw import PART_BYTES, Provenance, RawKey, StoredObject
from tests.unit.fakes import FakeS3, etag, refusal

KEY = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv.gz")
PATH = "sentiance/transports/day=2023-06-04/transports.csv.gz"
PROVENANCE = Provenance("2023-06-05T06:00:00.000Z", "request-1")


def test_a_key_spells_what_it_holds() -> None:
    assert str(KEY) == PATH
    assert KEY.file == "2023-06-04/transports/transports.csv.gz"


@given(identity=st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_whatever_a_file_is_called_its_key_can_be_read_back(identity: str) -> None:
    key = RawKey("sentiance", "transports", date(2023, 6, 4), identity, "csv.gz")
    assert RawKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "text",
    [
        "sentiance/transports/transports.csv.gz",
        "sentiance/transports/day=2023-02-30/transports.csv.gz",
        "Sentiance/transports/day=2023-06-04/transports.csv.gz",
        "sentiance/transports/day=2023-06-04/deeper/transports.csv.gz",
    ],
)
def test_what_is_no_key_of_raw_is_malformed(text: str) -> None:
    with pytest.raises(MalformedPayload):
        RawKey.parse(text)


def test_an_object_carries_its_digest_and_where_it_came_from() -> None:
    s3 = FakeS3()

    stored = s3.zone.put(KEY, b"bytes", PROVENANCE)

    digest = hashlib.sha256(b"bytes").hexdigest()
    assert stored == StoredObject(etag(b"bytes"), 5, digest)
    assert s3.metadata[PATH] == {
        "sha256": digest,
        "fetched-at": "2023-06-05T06:00:00.000Z",
        "provider-request-id": "request-1",
    }
    assert s3.zone.head(KEY) == replace(stored, fetched_at=PROVENANCE.fetched_at)


def test_metadata_holds_nothing_that_a_header_could_not() -> None:
    told = Provenance("now", "id\r\nx-amz-acl: public é" + "x" * 500).metadata()

    assert told["provider-request-id"].startswith("idx-amz-acl: public x")
    assert len(told["provider-request-id"]) == 128


def test_nothing_is_told_of_an_object_that_is_not_there() -> None:
    assert FakeS3().zone.head(KEY) is None


def test_a_small_upload_is_one_request() -> None:
    s3 = FakeS3()

    with s3.zone.upload(KEY, PROVENANCE) as upload:
        upload.write(b"some ")
        upload.write(b"bytes")
        stored = upload.complete()

    assert s3.begun == {}
    assert s3.objects == {PATH: b"some bytes"}
    assert stored.sha256 == hashlib.sha256(b"some bytes").hexdigest()
    assert s3.metadata[PATH]["sha256"] == stored.sha256


@pytest.mark.parametrize("extra", [1, PART_BYTES, PART_BYTES + 1])
def test_a_large_upload_is_parts_of_one_size_and_a_rest(extra: int) -> None:
    s3 = FakeS3()
    body = bytes(range(256)) * (2 * PART_BYTES // 256) + b"x" * extra

    with s3.zone.upload(KEY, PROVENANCE) as upload:
        for at in range(0, len(body), 3_000_000):
            upload.write(body[at : at + 3_000_000])
        stored = upload.complete()

    assert s3.objects[PATH] == body
    assert stored.size == len(body)
    assert stored.sha256 == hashlib.sha256(body).hexdigest()
    assert stored.etag.endswith("-4" if extra > PART_BYTES else "-3")
    assert "sha256" not in s3.metadata[PATH]  # nobody knew it when the upload began
    assert s3.parts == {}


@pytest.mark.parametrize("size", [10, 2 * PART_BYTES])
def test_an_upload_that_is_not_completed_leaves_nothing(size: int) -> None:
    s3 = FakeS3()

    with s3.zone.upload(KEY, PROVENANCE) as upload:
        upload.write(b"x" * size)

    assert s3.objects == {}
    assert s3.parts == {}


def test_an_object_that_is_put_once_carries_the_same_as_any_other() -> None:
    s3 = FakeS3()

    assert s3.zone.put_once(KEY, b"bytes", PROVENANCE)

    other = FakeS3()
    other.zone.put(KEY, b"bytes", PROVENANCE)
    assert (s3.objects, s3.metadata) == (other.objects, other.metadata)


def test_an_object_that_is_there_is_left_as_it_is() -> None:
    s3 = FakeS3()
    s3.zone.put(KEY, b"bytes", PROVENANCE)

    assert not s3.zone.put_once(KEY, b"bytes", Provenance("later", "request-2"))

    assert s3.metadata[PATH]["provider-request-id"] == "request-1"


def bucket_refusing(code: str, monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    """A bucket that refuses whatever is put under a condition."""
    s3 = FakeS3()
    put = s3.put_object

    def refusing(**arguments: Any) -> Any:  # Any: as boto3 has it
        if "IfNoneMatch" in arguments:
            raise refusal(code, "PutObject")
        return put(**arguments)

    monkeypatch.setattr(s3, "put_object", refusing)
    return s3


def test_an_object_that_somebody_is_writing_is_written_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    s3 = bucket_refusing("ConditionalRequestConflict", monkeypatch)
    assert s3.zone.put_once(KEY, b"bytes", PROVENANCE)
    assert s3.objects == {PATH: b"bytes"}


def test_a_bucket_that_fails_is_no_bucket_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = bucket_refusing("SlowDown", monkeypatch)
    with pytest.raises(ClientError, match="SlowDown"):
        s3.zone.put_once(KEY, b"bytes", PROVENANCE)
    assert s3.objects == {}
