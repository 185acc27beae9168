"""VisionMax's side of the sync: what lists, details and assets say of an event."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from telematics.errors import ProviderBusy
from telematics.providers.dashcam import sync
from telematics.sync import sources
from telematics.sync.sources import Kind, Look, Told
from tests.unit.dashcam_server import (
    EVENT,
    SECRETS,
    Server,
    answering,
    fields,
    ok,
    payload,
    status,
    told_as,
)

NOW = datetime(2024, 3, 5, 12, tzinfo=UTC)
MARCH_5 = datetime(2024, 3, 5, tzinfo=UTC)


def events(server: Server) -> sync.Events:
    return sync.Events(server.client())


def listed(body: bytes) -> list[Told]:
    [page] = events(answering(ok(body))).listed(MARCH_5, NOW, now=NOW)
    return list(page.events)


def changed(**members: Any) -> Told:  # Any: whatever JSON holds
    told = json.loads(payload("events"))
    told["data"][0] |= members
    return listed(json.dumps(told).encode())[0]


def look(told: Told | None = None, /, *, detail: bytes = b"", assets: bytes = b"") -> Look:
    server = answering(ok(detail or payload("event")), ok(assets or payload("assets")))
    return events(server).look(EVENT, told, now=NOW)


def of_assets(**members: Any) -> bytes:  # Any: whatever JSON holds
    return told_as("assets", data=json.loads(payload("assets"))["data"] | members)


def of_detail(**members: Any) -> bytes:  # Any: whatever JSON holds
    return told_as("event", data=[json.loads(payload("event"))["data"][0] | members])


def test_a_list_tells_of_events_and_their_days() -> None:
    [page] = events(answering(ok(payload("events")))).listed(MARCH_5, NOW, now=NOW)
    first, second = page.events
    assert (first.id, first.day, first.severity) == (EVENT, date(2024, 3, 5), 3)
    assert first.is_uploading
    assert not first.is_expired
    assert second.is_uploading
    assert page.unknown == 0
    assert (page.entry.asked, page.entry.body) == ("events", payload("events"))


def test_what_has_no_name_or_no_day_is_counted() -> None:
    body = payload("events_with_one_that_says_nothing")
    [page] = events(answering(ok(body))).listed(MARCH_5, NOW, now=NOW)
    assert [one.id for one in page.events] == [EVENT]
    assert page.unknown == 2


@pytest.mark.parametrize("name", ["..", "line\nbreak", "x" * 200])
def test_a_name_that_can_not_stand_in_a_path_is_none(name: str) -> None:
    told = json.loads(payload("events"))
    told |= {"count": 1, "data": [told["data"][0] | {"uuid": name}]}
    assert listed(json.dumps(told).encode()) == []


def test_links_that_are_made_anew_change_nothing() -> None:
    assert changed(driver_avatar="https://media.example/other?X-Amz-Signature=2") == changed()
    assert changed(clicked_count=1).digest != changed().digest


@pytest.mark.parametrize(
    "members",
    [
        {"asset_info": {"uploading": True}, "videos_total_count": 0},
        {"asset_info": None, "videos_total_count": 2, "video_uploaded": 1, "videos_count": 2},
        {"asset_info": None, "videos_total_count": "2", "video_uploaded": 2, "videos_count": 1},
    ],
)
def test_videos_may_still_be_uploading(members: Mapping[str, Any]) -> None:
    assert changed(**members).is_uploading


def test_videos_may_all_be_there() -> None:
    whole = {"videos_total_count": 2, "video_uploaded": 2, "videos_count": 2}
    assert not changed(asset_info={"uploading": False}, **whole).is_uploading
    assert not look().is_uploading


def test_an_event_is_told_with_all_its_files() -> None:
    found = look()
    assert (found.severity, found.videos, found.is_expired, found.refused) == (3, 2, False, "")
    size = 10_485_760
    assert [(one.kind, one.name, one.size) for one in found.files] == [
        (Kind.TRACK, "track.nmea", None),
        (Kind.SNAPSHOT, "snapshot-C_F.jpg", None),
        (Kind.VIDEO, "C_F-20240305_071230_C_F.mp4", size),
        (Kind.VIDEO, "C_I-20240305_071230_C_I.mp4", size),
    ]
    assert [one.asked for one in found.entries] == ["event", "assets"]
    assert json.loads(found.about) == {
        "uuid": EVENT,
        "timestamp": 1709622750,
        "device": "cid-0001",
        "driver": "17",
    }
    assert found.entries[1].trip == found.about


def test_nothing_of_it_is_shown() -> None:
    shown = repr(look()) + repr(changed())
    assert not [secret for secret in SECRETS if secret in shown]


def test_assets_before_any_video_have_no_files() -> None:
    found = look(assets=payload("assets_before_any_video"))
    assert (found.files, found.is_uploading) == ((), True)


def test_videos_that_are_counted_and_not_listed_are_still_to_come() -> None:
    assert look(assets=of_assets(videos=[])).is_uploading
    assert not look(detail=of_detail(expired=True), assets=of_assets(videos=[])).is_uploading


def test_a_list_may_know_better() -> None:
    assert look(changed(asset_info={"uploading": True})).is_uploading
    assert look(changed(expired=True)).is_expired
    assert look(changed(), detail=of_detail(severity_level=None)).severity == 3
    assert look(None, detail=of_detail(severity_level=None)).severity == 0


def test_names_of_files_lead_nowhere_and_hide_no_other() -> None:
    video = {
        "video_url": "https://media.example/1.mp4",
        "capture_mode": "../../C_F",
        "origin_file_name": "/etc/pass wd.mp4",
    }
    shot = {"url": "https://media.example/secret-path/1.PNG?x=1", "capture_mode": None}
    found = look(assets=of_assets(videos=[video, video, {}, 7], snapshots=[shot, shot]))
    names = [one.name for one in found.files]
    assert names[1:3] == ["snapshot-camera.png", "snapshot-camera-2.png"]
    assert len(set(names)) == len(names) == 5
    assert not [name for name in names if "/" in name or name.startswith(".")]


def test_what_is_refused_of_an_event_is_told_and_the_rest_kept() -> None:
    found = events(answering(status(404), ok(payload("assets")))).look(EVENT, changed(), now=NOW)
    assert found.refused.startswith("MiTAC VisionMax answered 404 to event")
    assert [one.asked for one in found.entries] == ["assets"]
    assert len(found.files) == 4

    found = events(answering(ok(payload("event")), status(404))).look(EVENT, None, now=NOW)
    assert "404 to assets" in found.refused
    assert found.files == ()


def test_an_event_without_detail_says_so() -> None:
    assert look(detail=told_as("event", data=[])).refused == "its detail is an empty list"


def test_a_busy_provider_is_told() -> None:
    with pytest.raises(ProviderBusy):
        events(answering(status(503))).look(EVENT, None, now=NOW)


def test_uploads_are_asked_for_with_and_without_the_filter() -> None:
    server = answering(ok(payload("manual_uploads")))
    batches = list(events(server).uploads(now=NOW))
    assert [one.identity for one in batches] == ["uploads-000", "time-lapses-000"]
    asked = [request.url.params.get("time_lapse") for request in server.requests]
    assert set(asked) == {None, "true"}


def test_the_module_is_found_by_its_name() -> None:
    found = sources.module("dashcam")
    assert (found.EVENTS, found.TRACKS) == ("events", "points")
    assert isinstance(found.connect(fields(), base_url="https://visionmax.example"), sync.Events)
