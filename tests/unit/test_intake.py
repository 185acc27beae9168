"""An object that arrives in raw is loaded once, whatever is delivered twice, late or broken."""

import gzip
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

import pytest
from pyiceberg.catalog import Catalog

from telematics import intake
from telematics.convert import Loaded
from telematics.errors import Busy, DamagedDownload
from telematics.intake import LEASE, Intake
from telematics.ledger import Ledger, State
from telematics.raw import Provenance, RawKey
from tests.unit import fakes
from tests.unit.conftest import DATABASE
from tests.unit.fakes import FakeS3
from tests.unit.user_world import UserWorld

KEY = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv.gz")
NOON = datetime(2023, 6, 5, 12, tzinfo=UTC)
TRIP = gzip.compress(b"user_id,distance\nu1,1\n")


class Arrivals:
    """One raw zone, one ledger, one lake, and a clock that the test moves."""

    def __init__(self, catalog: Catalog) -> None:
        self.zone = FakeS3().zone
        self.ledger: Ledger = fakes.ledger()
        self.now = NOON
        self.intake = Intake(
            zone=self.zone,
            catalog=catalog,
            database=DATABASE,
            ledger=self.ledger,
            gate=UserWorld().gate(),
            now=lambda: self.now,
        )

    def put(self, body: bytes) -> str:
        return self.zone.put(KEY, body, Provenance(sha256="", fetched_at="")).etag

    def row_state(self) -> tuple[State, int | None, str]:
        row = self.ledger.get(KEY.provider, KEY.file)
        assert row is not None
        return row.state, row.rows, row.error


@pytest.fixture
def arrivals(catalog: Catalog) -> Arrivals:
    return Arrivals(catalog)


def test_an_object_is_loaded_and_accounted_for(arrivals: Arrivals) -> None:
    arrivals.put(TRIP)
    assert arrivals.intake.take(KEY) == Loaded(rows=1, quarantined=0)
    assert arrivals.row_state() == (State.LOADED, 1, "")


def test_a_message_delivered_twice_loads_once(arrivals: Arrivals) -> None:
    arrivals.put(TRIP)
    arrivals.intake.take(KEY)
    assert arrivals.intake.take(KEY) is None


def test_a_new_version_is_loaded_in_place_of_the_old(arrivals: Arrivals) -> None:
    arrivals.put(TRIP)
    arrivals.intake.take(KEY)
    arrivals.put(gzip.compress(b"user_id,distance\nu1,1\nu2,2\n"))
    assert arrivals.intake.take(KEY) == Loaded(rows=2, quarantined=0)


def test_what_somebody_is_loading_is_left_to_them(arrivals: Arrivals) -> None:
    etag = arrivals.put(TRIP)
    arrivals.ledger.claim(KEY, etag, size=len(TRIP), now=NOON, lease=LEASE)
    assert arrivals.intake.take(KEY) is None


@pytest.mark.fault("crash", of=("sentiance",))
def test_a_load_that_died_is_taken_over_when_its_lease_ends(arrivals: Arrivals) -> None:
    etag = arrivals.put(TRIP)
    arrivals.ledger.claim(KEY, etag, size=len(TRIP), now=NOON, lease=LEASE)
    arrivals.now = NOON + LEASE + timedelta(seconds=1)
    assert arrivals.intake.take(KEY) == Loaded(rows=1, quarantined=0)


def test_a_new_version_waits_for_the_load_of_the_old_one(arrivals: Arrivals) -> None:
    arrivals.ledger.claim(KEY, "older", size=1, now=NOON, lease=LEASE)
    arrivals.put(TRIP)
    with pytest.raises(Busy):
        arrivals.intake.take(KEY)


@pytest.mark.fault("poison", of=("sentiance",))
def test_a_damaged_object_is_a_failure_with_its_reason(arrivals: Arrivals) -> None:
    arrivals.put(TRIP[:-6])
    with pytest.raises(DamagedDownload):
        arrivals.intake.take(KEY)
    state, _, error = arrivals.row_state()
    assert state is State.FAILED
    assert "end-of-stream" in error


def test_an_object_nobody_can_read_is_quarantined(arrivals: Arrivals) -> None:
    key = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "avro")
    arrivals.zone.put(key, b"Obj", Provenance(sha256="", fetched_at=""))
    arrivals.intake.take(key)
    row = arrivals.ledger.get(key.provider, key.file)
    assert row is not None
    assert row.state is State.QUARANTINED
    assert "avro" in row.error


def test_an_object_that_is_gone_is_no_mistake(arrivals: Arrivals) -> None:
    assert arrivals.intake.take(KEY) is None


def test_a_load_that_fails_for_another_reason_can_be_tried_again_at_once(
    arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrivals.put(TRIP)
    with monkeypatch.context() as broken:
        broken.setattr(intake, "load", _fail)
        with pytest.raises(ConnectionError):
            arrivals.intake.take(KEY)
    assert arrivals.intake.take(KEY) == Loaded(rows=1, quarantined=0)


def _fail(*_: object, **__: object) -> NoReturn:
    raise ConnectionError("the lake went away")
