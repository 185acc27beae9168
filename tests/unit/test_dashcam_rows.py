"""Answers of VisionMax's API become rows: typed, each from one source, and without links."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import MalformedPayload
from telematics.providers.dashcam import nmea, rows
from telematics.providers.dashcam.about import Period
from telematics.providers.dashcam.datasets import DATASETS
from tests.unit.dashcam_answers import ABOUT, DAY, NOON, key, of, one, read
from tests.unit.dashcam_server import EVENT, PAYLOADS, payload


def test_a_list_gives_events_and_what_only_lists_tell() -> None:
    found = read(("events", payload("events"), None))

    first, second = of(found, "events")
    assert (first["uuid"], first["day"], first["provider_user_id"]) == (EVENT, DAY, "17")
    assert first["timestamp"] == datetime(2024, 3, 5, 7, 12, 30, tzinfo=UTC)
    assert (first["lat"], first["lng"], first["severity_level"]) == (47.0707, 15.4395, 3)
    assert (first["expired"], first["ticket_linked"], first["tag"]) == ("false", None, 0)
    assert (second["lat"], second["provider_user_id"], second["driver_id"]) == (None, None, None)
    listed, other = of(found, "event_listings")
    assert (listed["asset_uploading"], listed["asset_has_video"]) == ("true", "false")
    assert (other["uuid"][-1], other["asset_uploading"]) == ("2", None)
    assert found.unreadable == []


def test_a_detail_gives_the_same_event_and_what_only_details_tell() -> None:
    found = read(("event", payload("event"), None))

    [event] = of(found, "events")
    [detail] = of(found, "event_details")
    assert (event["uuid"], event["videos_count"]) == (EVENT, 2)
    assert (detail["speed_kph"], detail["speed_limit_kph"]) == (48.0, 50.0)
    assert (detail["speed_data_is_over_speed"], detail["speed_data_speed_kph"]) == ("false", 48.0)
    assert detail["video_capture_modes"] == '["C_F","C_I"]'
    assert (detail["is_highlight"], detail["total_videos"]) == ("N", 2)
    assert (detail["weather"], detail["coaching_id"]) == ("rain", None)
    assert of(found, "event_listings") == []


def test_lists_and_details_have_the_same_columns_in_common() -> None:
    listed = of(read(("events", payload("events"), None)), "events")[0]
    [detailed] = of(read(("event", payload("event"), None)), "events")
    assert listed.keys() == detailed.keys()


def test_assets_are_of_the_event_that_they_were_asked_for() -> None:
    found = read(("assets", payload("assets"), ABOUT), dataset="event_assets")

    [thing] = found.things
    assert (thing.dataset, thing.key, thing.day) == ("event_assets", EVENT, DAY)
    [row] = thing.rows["event_assets"]
    assert (row["provider_user_id"], row["device_cid"], row["title"]) == (
        "17",
        "cid-0001",
        "Impact",
    )
    assert (row["video_triggered_timestamp"], row["total_snapshots"]) == (1709622750, 1)
    front, inside = thing.rows["event_videos"]
    assert (front["uuid"], front["day"], front["provider_user_id"]) == (EVENT, DAY, "17")
    assert (front["capture_mode"], front["video_id"], inside["video_id"]) == ("C_F", 1, 2)
    assert (front["general_filesize"], front["audio_format"]) == (10485760, None)
    [snapshot] = thing.rows["event_snapshots"]
    assert (snapshot["capture_mode"], snapshot["ticket"]) == ("C_F", "ticket-1")


def test_new_links_to_the_same_assets_are_no_new_version() -> None:
    [before] = read(("assets", payload("assets"), ABOUT)).things
    renewed = payload("assets").replace(b"Signature=abc123", b"Signature=other")
    [after] = read(("assets", renewed, ABOUT)).things
    assert before.digest == after.digest


def test_assets_without_any_video_are_a_version_too() -> None:
    [thing] = read(("assets", payload("assets_before_any_video"), ABOUT)).things
    assert len(thing.rows["event_assets"]) == 1
    assert thing.rows["event_videos"] == thing.rows["event_snapshots"] == []


def test_assets_of_an_event_without_a_time_have_the_day_of_their_key() -> None:
    [thing] = read(("assets", payload("assets"), EVENT)).things
    assert (thing.key, thing.day) == (EVENT, DAY)
    assert thing.rows["event_videos"][0]["provider_user_id"] is None


@pytest.mark.parametrize("trip", [None, "", "{", '{"timestamp":1}'])
def test_assets_of_nobody_knows_what_are_set_aside(trip: str | None) -> None:
    found = read(("assets", payload("assets"), trip), ("events", payload("events"), None))
    assert len(found.unreadable) == 1
    assert len(of(found, "events")) == 2


def test_uploads_are_rows_with_the_last_word_of_the_camera() -> None:
    first, second = of(read(("manual_uploads", payload("manual_uploads"), None)), "manual_uploads")
    assert (first["ack_code"], first["ack_state_desc"]) == ("D_S00000", "(2/3)")
    assert first["ack_report_at"] == datetime(2024, 3, 5, 7, 13, 20, tzinfo=UTC)
    assert json.loads(first["ack_progress_status"])[0]["camId"] == "C_F"
    assert (first["time_lapse"], first["task_state"]) == ("false", 5)
    assert (second["ack_code"], second["time_lapse"], second["task_state"]) == (None, None, 0)
    assert second["ack_progress_status"] is None


def test_a_track_is_points_of_its_event() -> None:
    track = (PAYLOADS / "track.nmea").read_bytes()
    found = read(("nmea", nmea.answer(track), ABOUT), dataset="points")

    [thing] = found.things
    assert (thing.dataset, thing.key, thing.day) == ("points", EVENT, DAY)
    assert len(thing.rows["points"]) == 3
    assert {row["provider_user_id"] for row in thing.rows["points"]} == {"17"}
    assert [(one.place, one.content) for one in found.unreadable] == [(5, "")]


def test_records_without_identity_are_set_aside_alone() -> None:
    found = read(("events", payload("events_with_one_that_says_nothing"), None))

    assert [row["uuid"] for row in of(found, "events")] == [EVENT]
    assert [(one.place, one.reason) for one in found.unreadable] == [
        (2, "uuid: missing"),
        (3, "timestamp: no time of an event"),
    ]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"lat": "north"}, "lat: no number"),
        ({"lat": True}, "lat: no number"),
        ({"lat": "nan"}, "lat: no number"),
        ({"car_id": 1.5}, "car_id: no integer"),
        ({"car_id": 2**63}, "car_id: no integer"),
        ({"car_id": "1e999"}, "car_id: no integer"),
        ({"car_id": {}}, "car_id: no integer"),
        ({"timestamp": 1709622750000}, "timestamp: no time of an event"),
        ({"timestamp": -1}, "timestamp: no time of an event"),
        ({"uuid": ""}, "uuid: missing"),
        ({"uuid": 7}, "uuid: missing"),
    ],
)
def test_what_cannot_be_typed_is_set_aside_by_the_name_of_its_member(
    members: dict[str, Any], reason: str
) -> None:
    found = one("events", {"uuid": "a", "timestamp": 1709622750, **members})
    assert found.things == []
    assert [unreadable.reason for unreadable in found.unreadable] == [reason]


def test_numbers_may_come_as_text() -> None:
    told = {"uuid": "a", "timestamp": "1709622750", "lat": " 47.5", "car_id": "31", "type": 1.0}
    [row] = of(one("events", told), "events")
    assert (row["lat"], row["car_id"], row["type"]) == (47.5, 31, 1)
    assert row["timestamp"] == datetime(2024, 3, 5, 7, 12, 30, tzinfo=UTC)


def test_null_is_taken_everywhere() -> None:
    for name, asked in [("events", "events"), ("event", "event"), ("manual_uploads",) * 2]:
        element = json.loads(payload(name))["data"][0]
        nothing = dict.fromkeys(element) | {"uuid": "a", "timestamp": 0}
        found = one(asked, nothing)
        assert found.unreadable == []
        assert of(found, "events" if asked != "manual_uploads" else asked)[0]["day"].year == 1970

    assets = json.loads(payload("assets"))["data"]
    video = dict.fromkeys(assets["videos"][0])
    nothing = {**dict.fromkeys(assets), "videos": [video], "snapshots": [{}]}
    found = one("assets", nothing, trip=ABOUT)
    assert (found.unreadable, len(of(found, "event_videos"))) == ([], 1)


def test_a_video_that_cannot_be_read_costs_itself_alone() -> None:
    assets = json.loads(payload("assets"))["data"]
    assets["videos"][0]["video_width"] = "wide"
    found = one("assets", assets, trip=ABOUT)
    assert [row["capture_mode"] for row in of(found, "event_videos")] == ["C_I"]
    [unreadable] = found.unreadable
    assert (unreadable.place, unreadable.reason) == (1, "video_width: no integer")


def test_members_that_nobody_declared_are_columns_of_text() -> None:
    told = {
        "uuid": "a",
        "timestamp": 0,
        "Weather": {"rain": True},
        "day": "Tuesday",
        "digest": "x",
        "asset_info": {"has_video": True, "quality": 3},
        "empty": [],
    }
    [row] = of(one("events", told), "event_listings")
    assert (row["weather"], row["provider_day"], row["provider_digest"]) == (
        '{"rain":true}',
        "Tuesday",
        "x",
    )
    assert (row["asset_info_quality"], row["asset_has_video"]) == ("3", "true")
    assert row["day"] == date(1970, 1, 1)
    assert "empty" not in row


def test_tasks_are_kept_in_raw_and_are_no_rows() -> None:
    found = read(("task", payload("task_success"), None), dataset="tasks")
    assert (found.things, found.unreadable) == ([], [])


def test_an_answer_to_a_call_that_nobody_knows_is_set_aside() -> None:
    found = read(("weather", b"{}", None), ("events", payload("events"), None))
    assert [one.reason for one in found.unreadable] == ["an answer to a call that nobody knows"]
    assert len(of(found, "events")) == 2


@pytest.mark.parametrize(
    ("dataset", "body"),
    [("events", b"{}"), ("events", b""), ("events", b"[" * 100_000), ("clips", b"{}"), ("x", b"")],
)
def test_an_object_of_which_nothing_can_be_read_is_malformed(dataset: str, body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        rows.contents(key(dataset), body, NOON)


def test_footage_has_a_row_for_each_file_and_each_camera_that_gave_none() -> None:
    [thing] = rows.contents(key("clips"), payload("footage"), NOON).things

    assert (thing.dataset, thing.key, thing.day, thing.fetched_at) == ("clips", "clip-1", DAY, NOON)
    stored, missing = thing.rows["clips"]
    assert (stored["camera"], stored["sha256"], stored["bytes"]) == ("C_F", "ab" * 32, 10485760)
    assert stored["media_key"] == "dashcam/clip-1/C_F.mp4"
    assert (missing["camera"], missing["missing_because"]) == ("C_I", "video not found")
    assert {row["requester"] for row in (stored, missing)} == {"handler-1"}
    assert {row["provider_user_id"] for row in (stored, missing)} == {"17"}


def test_footage_that_is_not_there_yet_is_a_row() -> None:
    record = {**json.loads(payload("footage")), "files": [], "missing": {}, "outcome": None}
    [thing] = rows.contents(key("clips"), json.dumps(record).encode(), NOON).things
    [row] = thing.rows["clips"]
    assert (row["clip_id"], row["outcome"]) == ("clip-1", None)


def columns(dataset: str) -> set[str]:
    return {column.name for one in DATASETS if one.name == dataset for column in one.columns}


def test_every_column_of_a_row_is_declared_or_was_told() -> None:
    found = read(
        ("events", payload("events"), None),
        ("event", payload("event"), None),
        ("assets", payload("assets"), ABOUT),
        ("manual_uploads", payload("manual_uploads"), None),
        ("safety_report", payload("safety_report"), str(Period(DAY, DAY))),
        ("nmea", nmea.answer((PAYLOADS / "track.nmea").read_bytes()), ABOUT),
    )
    for thing in found.things:
        for dataset, some in thing.rows.items():
            for row in some:
                beyond = row.keys() - columns(dataset) - {"provider_user_id", "day", "weather"}
                assert not beyond, dataset


def test_what_is_a_part_is_declared_after_what_it_is_part_of() -> None:
    names = [one.name for one in DATASETS]
    for dataset in DATASETS:
        assert len(columns(dataset.name)) == len(dataset.columns)
        assert dataset.key in columns(dataset.name)
        assert not dataset.part_of or names.index(dataset.part_of) < names.index(dataset.name)


MEMBERS = ("uuid", "timestamp", "lat", "asset_info", "videos", "event_assets", "new", "name")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(MEMBERS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(
    st.lists(ANYTHING, max_size=3),
    st.sampled_from(["events", "event", "assets", "manual_uploads", "safety_report", "nmea"]),
    st.sampled_from([ABOUT, None, str(Period(DAY, DAY))]),
)
def test_whatever_comes_is_rows_or_set_aside(
    elements: Sequence[Any], asked: str, trip: str | None
) -> None:
    body = json.dumps({"data": elements}, allow_nan=True).replace("NaN", "null")
    body = body.replace("-Infinity", "null").replace("Infinity", "null")
    found = read((asked, body.encode(), trip))
    assert all(thing.key and thing.day for thing in found.things)
    assert all(unreadable.reason for unreadable in found.unreadable)
