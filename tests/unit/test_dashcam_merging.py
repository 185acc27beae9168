"""Answers about an event, loaded in any order, leave the same lake."""

import gzip
import json
import random
from collections.abc import MutableMapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.catalog import Catalog

from telematics import tables
from telematics.catalog import PROVIDERS, Provider
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.merging import Arrival, Merge
from telematics.providers.dashcam import rows
from telematics.providers.dashcam.about import Event, Period
from telematics.providers.dashcam.datasets import DATASETS
from telematics.raw import RawKey
from tests.unit.conftest import DATABASE
from tests.unit.dashcam_server import EVENT, payload, told_as

NOON = datetime(2024, 3, 7, 12, tzinfo=UTC)
DAY = date(2024, 3, 5)
ABOUT = str(Event(EVENT, 1709622750, "cid-0001", "17"))
TABLES = [one.name for one in DATASETS if one.name.startswith("event")]


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    known = cast(MutableMapping[str, Provider], PROVIDERS)
    dashcam = Provider("dashcam", "MiTAC VisionMax", "https://x.example", (), datasets=DATASETS)
    monkeypatch.setitem(known, "dashcam", dashcam)


def arrival(minute: int, asked: str, body: bytes, trip: str | None = None) -> Arrival:
    fetched_at = NOON + timedelta(minutes=minute)
    key = RawKey("dashcam", "events", DAY, f"{asked}-{minute}", "json.gz")
    packed = gzip.decompress(envelope.packed([Entry(asked, fetched_at, body, trip)]))
    return Arrival(key, rows.contents(key, packed, fetched_at))


def listed(**members: Any) -> bytes:  # Any: JSON of any shape, as below
    element = json.loads(payload("events"))["data"][0] | members
    return told_as("events", data=[element])


def detailed(**members: Any) -> bytes:
    element = json.loads(payload("event"))["data"][0] | members
    return told_as("event", data=[element])


def assets(*cameras: str, **members: Any) -> bytes:
    data = json.loads(payload("assets"))["data"] | members
    data["videos"] = [one for one in data["videos"] if one["capture_mode"] in cameras]
    return told_as("assets", data=data)


def merge(catalog: Catalog, *arrivals: Arrival) -> None:
    Merge(catalog, DATABASE, NOON).run("dashcam", arrivals)


def table(catalog: Catalog, name: str) -> list[dict[str, Any]]:
    found = tables.ensure(catalog, DATABASE, f"dashcam_{name}").scan().to_arrow().to_pylist()
    return sorted(found, key=str)


def lake(catalog: Catalog) -> dict[str, list[dict[str, Any]]]:
    """Where it is from depends on the order only where two say the same."""
    aside = ("raw_key", "loaded_at", "fetched_at")
    return {
        name: [{c: v for c, v in row.items() if c not in aside} for row in table(catalog, name)]
        for name in TABLES
    }


def empty(catalog: Catalog) -> None:
    for name in (*(f"dashcam_{one.name}" for one in DATASETS), tables.QUARANTINE):
        if catalog.table_exists((DATABASE, name)):
            catalog.drop_table((DATABASE, name))


def test_an_event_its_detail_and_its_assets_come_in_any_order(catalog: Catalog) -> None:
    told = [
        arrival(0, "events", listed()),
        arrival(1, "event", detailed()),
        arrival(2, "assets", assets("C_F"), ABOUT),
        arrival(3, "assets", assets("C_F", "C_I"), ABOUT),
    ]
    seen = []
    for order in (told, told[::-1], [told[2], told[1], told[3], told[0]]):
        empty(catalog)
        for one in order:
            merge(catalog, one)
        seen.append(lake(catalog))
    assert all(one == seen[0] for one in seen)
    assert {name: len(some) for name, some in seen[0].items()} == {
        "events": 1,
        "event_listings": 1,
        "event_details": 1,
        "event_assets": 1,
        "event_videos": 2,
        "event_snapshots": 1,
    }


def test_a_list_that_is_read_after_the_detail_takes_nothing_from_it(catalog: Catalog) -> None:
    merge(catalog, arrival(0, "event", detailed()))
    merge(catalog, arrival(1, "events", listed(clicked_count=9, upload_status=2)))

    [event] = table(catalog, "events")
    [detail] = table(catalog, "event_details")
    assert (event["clicked_count"], detail["speed_kph"], detail["weather"]) == (9, 48.0, "rain")


def test_a_new_driver_is_the_person_of_the_event_from_then_on(catalog: Catalog) -> None:
    merge(catalog, arrival(0, "events", listed()))
    merge(catalog, arrival(1, "events", listed(driver_id=18)))
    assert [row["provider_user_id"] for row in table(catalog, "events")] == ["18"]


def test_videos_that_are_no_longer_told_of_are_no_longer_there(catalog: Catalog) -> None:
    merge(catalog, arrival(0, "assets", assets("C_F", "C_I"), ABOUT))
    merge(catalog, arrival(1, "assets", assets("C_I"), ABOUT))
    assert [row["capture_mode"] for row in table(catalog, "event_videos")] == ["C_I"]


def test_of_reports_that_overlap_each_date_is_there_once(catalog: Catalog) -> None:
    for minute, first in enumerate((date(2024, 3, 4), date(2024, 3, 5))):
        period = str(Period(first, date(2024, 3, 6)))
        merge(catalog, arrival(minute, "safety_report", payload("safety_report"), period))
    told = [row for row in table(catalog, "safety_report") if row["section"] == "type"]
    assert sorted((row["report"], row["count"]) for row in told) == [
        ("2024-03-05 UTC", 1),
        ("2024-03-05 UTC", 2),
    ]


def test_a_date_of_which_nothing_is_left_to_tell_stays_empty(catalog: Catalog) -> None:
    period = str(Period(DAY, DAY))
    full = arrival(0, "safety_report", payload("safety_report"), period)
    nothing = arrival(1, "safety_report", told_as("safety_report", trend=[]), period)
    for order in ((full, nothing), (nothing, full)):
        empty(catalog)
        for one in order:
            merge(catalog, one)
        days = [row for row in table(catalog, "safety_report") if row["report"] == "2024-03-05 UTC"]
        assert [(row["section"], row["count"]) for row in days] == [("day", 0)]


CALLS = st.lists(st.sampled_from(["events", "event", "assets"]), min_size=2, max_size=4)


@pytest.mark.fault("reorder", of=("dashcam",))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(CALLS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(
    catalog: Catalog, calls: list[str], chance: random.Random
) -> None:
    bodies = {
        "events": lambda minute: listed(clicked_count=minute),
        "event": lambda minute: detailed(clicked_count=minute, speed_kph=minute),
        "assets": lambda minute: assets(*("C_F", "C_I")[: minute % 3], title=f"{minute}"),
    }
    arrivals = [
        arrival(minute, asked, bodies[asked](minute), ABOUT if asked == "assets" else None)
        for minute, asked in enumerate(calls)
    ]
    empty(catalog)
    merge(catalog, *arrivals)
    at_once = lake(catalog)
    empty(catalog)
    chance.shuffle(arrivals)
    for one in arrivals:
        merge(catalog, one)
    assert lake(catalog) == at_once
