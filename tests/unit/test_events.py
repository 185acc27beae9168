"""Events: pointers and digests under the right name, or an error."""

from datetime import date

import pytest

from telematics.events import MissingFile, NotAnnounced, OffloadDayIncomplete, OffloadStored
from tests.unit.fakes import FakeBus

STORED = OffloadStored(
    provider="sentiance",
    day=date(2023, 6, 4),
    dataset="transports",
    raw_key="sentiance/transports/day=2023-06-04/transports.csv.gz",
    size=20434,
    sha256="0" * 64,
    etag="e1",
)


def test_an_event_is_put_under_its_provider_and_name() -> None:
    bus = FakeBus()

    bus.bus.put(STORED)

    [(source, name, detail)] = bus.put
    assert (source, name) == ("telematics.sentiance", "Offload Stored")
    assert detail == {
        "provider": "sentiance",
        "day": "2023-06-04",
        "dataset": "transports",
        "raw_key": "sentiance/transports/day=2023-06-04/transports.csv.gz",
        "size": 20434,
        "sha256": "0" * 64,
        "etag": "e1",
    }


def test_missing_files_are_named_with_their_reasons() -> None:
    bus = FakeBus()
    missing = MissingFile(file="2023-06-04/badges/badges.csv.gz", reason="not fetched yet")

    bus.bus.put(
        OffloadDayIncomplete(
            provider="sentiance",
            day=date(2023, 6, 4),
            files=4,
            missing=1,
            missing_files=[missing],
        )
    )

    [(_, name, detail)] = bus.put
    assert name == "Offload Day Incomplete"
    assert detail["missing_files"] == [missing.model_dump()]


def test_an_event_that_the_bus_did_not_take_is_an_error() -> None:
    with pytest.raises(NotAnnounced, match="'Offload Stored': ThrottlingException"):
        FakeBus(refuses=True).bus.put(STORED)
