"""The desk where labels are handed in, whoever the provider is."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from telematics import labels, settings
from telematics.errors import (
    Forbidden,
    InvalidRequest,
    MalformedPayload,
    MissingSetting,
    NotFound,
    ProviderBusy,
    ProviderRefused,
    TelematicsError,
)
from telematics.labels import Desk, Labelled
from tests.unit.fakes import FakeS3

DRIVE = "20240305T071230.250Z-4711-driver-17"
NOW = datetime(2024, 3, 6, 9, 30, 15, 250_000, UTC)


class FakeLabels:
    """Takes every label."""

    def label(self, trip_id: str, label: str) -> Labelled:
        return Labelled(label, "timeline_items", date(2024, 3, 5), b"{}")


def test_the_key_is_spelt_from_trip_label_and_second() -> None:
    s3 = FakeS3()
    desk = Desk("move", FakeLabels(), s3.zone, now=lambda: NOW)
    later = replace(desk, now=lambda: NOW.replace(microsecond=999_000))
    much_later = replace(desk, now=lambda: NOW.replace(second=16))

    for one in (desk, later, much_later):
        one.label(DRIVE, "CAR")
    desk.label(DRIVE, "TRAIN")

    spelt = hashlib.sha256(f"{DRIVE}|CAR|2024-03-06T09:30:15.000Z".encode()).hexdigest()
    assert len(s3.objects) == 3
    assert f"move/timeline_items/day=2024-03-05/label-{spelt}.json.gz" in s3.objects


REFUSED: Sequence[tuple[TelematicsError, int]] = [
    (InvalidRequest("x"), 400),
    (NotFound("x"), 404),
    (Forbidden("x"), 403),
    (ProviderRefused("x"), 422),
    (ProviderBusy("x"), 503),
    (MissingSetting("x"), 503),
]


@pytest.mark.parametrize(("error", "code"), REFUSED)
def test_every_kind_of_refusal_has_its_status(error: TelematicsError, code: int) -> None:
    assert isinstance(error, labels.REFUSALS)
    assert labels.refusal(error)["statusCode"] == code


def test_any_other_error_is_a_fault_of_ours() -> None:
    assert not isinstance(MalformedPayload("x"), labels.REFUSALS)


def test_a_provider_without_labels_is_named_with_those_that_have_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = settings.Settings({"PROVIDER": "sentiance"})
    monkeypatch.setattr(labels, "settings", lambda: given)

    with pytest.raises(InvalidRequest, match="sentiance takes no labels; these do: move"):
        labels.deployed()
