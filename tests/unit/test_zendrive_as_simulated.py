"""All that the simulator of Zendrive sends becomes rows, and every column is one that we know."""

import hashlib

import pyarrow as pa
import pytest

from telematics.datasets import PERSON
from telematics.providers.zendrive.datasets import DATASETS
from telematics.versions import Contents
from tests.unit.simulated_zendrive import DAY, NOON, Json, Simulator
from tests.unit.zendrive_answers import arrival, asked, called_back, notified, of

KNOWN = {one.name: {PERSON, "day", *(c.name for c in one.columns)} for one in DATASETS}


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


@pytest.fixture
def crash(simulator: Simulator) -> Json:
    return simulator.control("crash", driver="driver-0001", at=NOON - 3600)


def surprises(found: Contents) -> set[str]:
    """Columns that nobody declared."""
    return {
        f"{name}.{column}"
        for thing in found.things
        for name, rows in thing.rows.items()
        for row in ([rows.schema.names] if isinstance(rows, pa.Table) else rows)
        for column in row
        if column not in KNOWN[name]
    }


def test_an_answer_about_a_crash_is_rows_of_seven_tables(simulator: Simulator, crash: Json) -> None:
    simulator.answered(1, "2023-06-20", collision_id=f"{(NOON - 3600) * 1000}")
    body = simulator.received[-1].content
    found = called_back(body).contents
    assert (found.unreadable, surprises(found)) == ([], set())
    [collision] = of(found, "collisions")
    assert collision["g_force"] > 1
    assert len(of(found, "motion")) > 1_000
    assert {thing.dataset for thing in found.things} == {
        *("trips", "gps_points", "collisions", "auth_days", "heartbeats")
    }
    assert of(found, "events")


def test_what_is_read_at_once_is_rows(simulator: Simulator, crash: Json) -> None:
    driver, trip = crash["driver_id"], crash["trip_id"]
    fields = {"fields": "info,driving_behavior,speed_profile,simple_path,events"}
    answer = simulator.http.get(f"/v4/driver/{driver}/trip/{trip}", params=fields).json()
    found = asked("trip", f"{trip}", answer).contents
    assert (found.unreadable, surprises(found)) == ([], set())
    assert [len(of(found, name)) for name in ("trips", "trip_scores")] == [1, 1]
    assert {row["source"] for row in of(found, "gps_points")} == {"simple_path"}

    collision = crash["collision_id"]
    answer = simulator.http.get(f"/v3/driver/{driver}/collision/{collision}").json()
    found = asked("collision", f"{collision}", answer).contents
    assert (found.unreadable, surprises(found)) == ([], set())
    assert len(of(found, "collisions")) == 1
    assert len(of(found, "motion")) > 1_000


@pytest.mark.parametrize("with_data", [True, False])
def test_every_notification_is_a_row(simulator: Simulator, crash: Json, with_data: bool) -> None:
    simulator.notify(**{"from": "2023-06-20", "to": "2023-06-20", "data": with_data})
    bodies = {hashlib.sha256(one.content).digest(): one.content for one in simulator.received}
    assert bodies
    types = set()
    for body in bodies.values():
        found = notified(body).contents
        assert (found.unreadable, surprises(found)) == ([], set())
        [notice] = of(found, "notifications")
        types.add(notice["type"])
        assert bool(of(found, "trips")) == (with_data and notice["type"] != "DEVICE_HEALTH")
    assert {"COLLISION", "TRIP_SCORED"} <= types


def test_a_quiet_answer_is_no_surprise(simulator: Simulator) -> None:
    simulator.answered(3, DAY)
    found = arrival("collision_details", simulator.received[-1].content).contents
    assert (found.unreadable, surprises(found)) == ([], set())
