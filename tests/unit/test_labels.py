"""The desk where labels are handed in, whoever the provider is."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from telematics import labels, settings
from telematics.errors import InvalidRequest, UserBlocked
from telematics.labels import Desk, Labelled
from tests.unit.fakes import FakeS3
from tests.unit.user_world import UserWorld

DRIVE = "20240305T071230.250Z-4711-driver-17"
NOW = datetime(2024, 3, 6, 9, 30, 15, 250_000, UTC)


class FakeLabels:
    """Takes every label."""

    def label(self, trip_id: str, label: str) -> Labelled:
        return Labelled(label, "timeline_items", date(2024, 3, 5), b"{}")


def test_the_key_is_spelt_from_trip_label_and_second() -> None:
    s3 = FakeS3()
    desk = Desk("move", FakeLabels(), s3.zone, UserWorld().gate(), now=lambda: NOW)
    later = replace(desk, now=lambda: NOW.replace(microsecond=999_000))
    much_later = replace(desk, now=lambda: NOW.replace(second=16))

    for one in (desk, later, much_later):
        one.label(DRIVE, "CAR")
    desk.label(DRIVE, "TRAIN")

    spelt = hashlib.sha256(f"{DRIVE}|CAR|2024-03-06T09:30:15.000Z".encode()).hexdigest()
    assert len(s3.objects) == 3
    assert f"move/timeline_items/day=2024-03-05/label-{spelt}.json.gz" in s3.objects


def test_a_provider_without_labels_is_named_with_those_that_have_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = settings.Settings({"PROVIDER": "sentiance"})
    monkeypatch.setattr(labels, "settings", lambda: given)

    with pytest.raises(InvalidRequest, match="sentiance takes no labels; these do: move"):
        labels.deployed()


def test_a_trip_of_somebody_whose_data_may_not_be_kept_gets_no_label() -> None:
    users, s3 = UserWorld(), FakeS3()
    users.directory.add("ours", {"move": "driver-17"}, now=NOW)
    users.directory.block("ours", now=NOW)
    desk = Desk("move", FakeLabels(), s3.zone, users.gate())
    with pytest.raises(UserBlocked) as refused:
        desk.label(DRIVE, "CAR")
    assert "driver-17" not in str(refused.value)
    assert s3.objects == {}
