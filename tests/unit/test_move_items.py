"""A timeline item becomes rows, in whichever of the documented shapes it comes."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telematics.providers.move import items
from tests.unit import timeline


def understood(item: timeline.Item) -> items.Item:
    return items.understood(json.dumps(item).encode())


def with_features(features: Any) -> items.Item:
    return understood(timeline.item(features=features))


def test_an_item_is_one_row_with_what_it_says() -> None:
    row = understood(timeline.item()).row
    assert row["trip_id"] == "20230604T080000.000Z-1000-user-1"
    assert (row["provider_user_id"], row["product_id"], row["type"]) == (
        "user-1",
        "1000",
        "DRIVING",
    )
    assert row["start_ts"] == datetime(2023, 6, 4, 8, tzinfo=UTC)
    assert (row["start_lat"], row["valid_time_s"], row["phone_call_s"]) == (48.2, 1500, 60)


def test_an_absent_score_is_neither_0_nor_100() -> None:
    row = understood(timeline.item()).row
    assert (row["score_speed"], row["score_braking"]) == (63, 73)
    assert row.get("score_dfd") is None


def test_a_score_of_0_stays_0() -> None:
    assert with_features({"scores": {"DFD": 0}}).row["score_dfd"] == 0


def test_seconds_of_a_distraction_nobody_had_are_0_and_those_nobody_measured_are_null() -> None:
    row = understood(timeline.item()).row
    assert row["swipe_and_type_s"] == 0
    assert row.get("phone_call_hands_free_s") is None


@pytest.mark.parametrize(
    "features",
    [
        {"scores": {"SPEED": 63}},
        {"scores": {"@type": "score", "score": {"SPEED": 63}}},
        [{"@type": "score", "score": {"SPEED": 63}}],
        [{"scores": {"SPEED": 63}}],
        [{"startLocation": {"lat": 1}}, {"@type": "score", "score": {"SPEED": 63}}],
    ],
)
def test_scores_are_read_in_every_shape(features: Any) -> None:
    assert with_features(features).row["score_speed"] == 63


@pytest.mark.parametrize("spelling", ["dangerous_areas", "dangerousAreas"])
def test_dangerous_areas_are_read_in_both_spellings(spelling: str) -> None:
    area = {"id": "a1", "name": "school", "lat": 48.17, "lon": 16.37, "radius": 200}
    rows = with_features({spelling: {"areas": [area]}}).parts["dangerous_areas"]
    assert [(row["area_id"], row["lat"], row["radius"]) for row in rows] == [("a1", 48.17, 200)]


def test_one_item_spelt_in_two_ways_has_one_digest() -> None:
    area = {"areas": [{"id": "a1", "lat": 48.17}]}
    one = timeline.item(features={"dangerous_areas": area, "scores": {"DFD": 5.0}})
    other = timeline.item(
        start="2023-06-04T08:00:00.000Z",
        features=[{"dangerousAreas": area}, {"@type": "score", "score": {"DFD": 5}}],
    )
    assert understood(one).digest == understood(other).digest


def test_another_type_is_another_digest() -> None:
    assert understood(timeline.item()).digest != understood(timeline.item(type="FAKETRIP")).digest


def test_unknown_features_are_kept() -> None:
    row = with_features({"weather": {"rain": True}, "gpsStats": {"distance": 5, "ascent": 3}}).row
    assert json.loads(row["other_features"]) == {
        "weather": {"rain": True},
        "gpsStats": {"ascent": 3},
    }
    assert row["distance"] == 5


def test_unknown_scores_and_unknown_kinds_of_distraction_are_kept() -> None:
    row = with_features(
        {"scores": {"ECO": 7}, "phoneDistractions": {"secondsPerType": {"GAMING": 3}}}
    ).row
    assert json.loads(row["other_scores"]) == {"ECO": 7}
    assert row["gaming_s"] == "3.0"


def test_unknown_members_of_an_item_are_columns_of_text() -> None:
    row = understood(timeline.item(weather={"rain": True}, distance="far")).row
    assert row["weather"] == '{"rain":true}'
    assert row["provider_distance"] == "far"


def test_an_item_of_v20_is_the_same_item() -> None:
    old = timeline.item()
    new = {
        "projectId": old.pop("productId"),
        "userId": old.pop("contractId"),
        **old,
    }
    assert understood(new).digest == understood(timeline.item()).digest


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ({"time": 1685865700}, datetime(2023, 6, 4, 8, 1, 40, tzinfo=UTC)),
        ({"time": 1685865700500}, datetime(2023, 6, 4, 8, 1, 40, 500_000, tzinfo=UTC)),
        ({"timestamp": "2023-06-04T08:01:40Z"}, datetime(2023, 6, 4, 8, 1, 40, tzinfo=UTC)),
        ({"time": "2023-06-04T08:01:40Z"}, datetime(2023, 6, 4, 8, 1, 40, tzinfo=UTC)),
        ({}, None),
    ],
)
def test_the_time_of_an_event_is_read_by_its_size(told: Any, meant: datetime | None) -> None:
    event = with_features({"drivingBehaviorEvents": {"events": [told]}})
    assert event.parts["driving_events"][0]["time"] == meant


@pytest.mark.parametrize("features", [None, [], {}])
def test_an_idle_item_without_features_is_a_row(features: Any) -> None:
    item = understood(timeline.item(type="IDLE", features=features))
    assert item.row["start_lat"] is None
    assert not any(item.parts.values())


@pytest.mark.parametrize(
    "broken",
    [
        {"startTs": None},
        {"startTs": "yesterday"},
        {"contractId": None},
        {"features": 3},
        {"features": {"gpsStats": {"distance": "far"}}},
        {"features": {"scores": [1]}},
    ],
)
def test_what_cannot_be_read_says_so(broken: Any) -> None:
    with pytest.raises(msgspec.DecodeError):
        understood(timeline.item() | broken)


NAMES = st.sampled_from(["scores", "gpsStats", "dangerous_areas", "metas", "transport", "new"])
VALUES = st.none() | st.text(max_size=5) | st.integers() | st.lists(st.none(), max_size=1)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES, max_size=2), max_size=3))
def test_any_features_are_read_or_refused(features: dict[str, Any]) -> None:
    try:
        item = with_features(features)
    except msgspec.DecodeError:
        return
    assert item.row["trip_id"]
