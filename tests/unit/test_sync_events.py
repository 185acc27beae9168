"""Every event is asked about when it is new or has changed, and until all of it is there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telematics.errors import ProviderBusy, ProviderRefused
from telematics.ledger import State
from telematics.sync.looking import LONGEST, PATIENCE
from telematics.sync.sources import File, Kind, Look
from telematics.sync.syncing import Summary
from tests.unit.sync_desk import CLIP, HOUR, NOON, Desk, video

DAY = timedelta(days=1)
WHOLE = Look("", severity=3, videos=1, files=(video(),))
UPLOADING = Look("", severity=3, videos=1, is_uploading=True)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_event_is_asked_about_once(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, WHOLE)

    first, again = desk.run(), desk.later()

    assert first == {
        "more": False,
        "listed": 1,
        "new": 1,
        "open": 0,
        "stored_files": 1,
        "failed_files": 0,
    }
    assert (again["listed"], again["new"], desk.source.looked) == (1, 0, [])
    assert desk.row("one").state is State.LOADED
    assert desk.row("one").digest == "1"
    assert list(desk.row("one").kept) == ["C_F-1.mp4"]
    assert desk.media.objects == {"dashcam/one/C_F-1.mp4": CLIP}
    assert desk.kept("events") == ["one.json.gz"]


def test_an_event_whose_list_entry_has_changed_is_asked_about_again(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, WHOLE)
    desk.run()
    desk.source.events["one"].version = 2

    told = desk.later()

    assert desk.source.looked == ["one"]
    assert (told["new"], desk.row("one").digest) == (0, "2")
    assert desk.kept("events") == ["one.json.gz"]
    assert desk.fetched == ["C_F-1.mp4"]


def test_lists_are_kept_only_with_news(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR)
    desk.run()
    before = desk.lists()
    desk.later()
    assert desk.lists() == before
    assert len(before) == 1
    assert desk.answers(before[0]) == ["events"]

    desk.source.add("two", NOON + HOUR)
    desk.later()
    assert len(desk.lists()) == 2


def test_a_run_overlaps_the_last_complete_one(desk: Desk) -> None:
    desk.run()
    assert desk.source.windows[0][0] == NOON - 3 * DAY
    desk.later()
    assert desk.source.windows[0][0] == NOON - DAY
    assert desk.source.windows[-1][1] == NOON + HOUR


def test_an_event_stays_open_until_its_videos_are_there(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, UPLOADING)
    assert desk.run()["open"] == 1
    assert desk.row("one").state is State.LISTED

    desk.later()
    assert desk.source.looked == ["one"]

    desk.source.events["one"].look = WHOLE
    told = desk.later()
    assert (told["open"], told["stored_files"]) == (0, 1)
    assert desk.row("one").state is State.LOADED
    desk.later()
    assert desk.source.looked == []


def test_an_open_event_is_looked_at_though_no_list_tells_of_it_any_more(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, UPLOADING)
    desk.run()
    desk.later(hours=24 * 10)
    assert desk.source.looked == ["one"]

    desk.source.events["one"].look = WHOLE
    assert desk.later(hours=7)["open"] == 0
    assert desk.row("one").kept
    assert desk.row("one").digest == "1"


def test_what_has_been_open_for_long_is_looked_at_more_seldom(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, UPLOADING)
    desk.run()
    desk.later(hours=24 * 10)
    desk.later(hours=1)
    assert desk.source.looked == []
    desk.later(hours=6)
    assert desk.source.looked == ["one"]


def test_an_event_that_expires_says_what_is_lacking(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, UPLOADING)
    desk.source.add("two", NOON - HOUR, replace(WHOLE, files=(), is_expired=True))
    desk.source.add("three", NOON - HOUR, Look("", severity=1, videos=1, is_expired=True))
    desk.run()
    desk.source.events["one"].look = replace(UPLOADING, is_expired=True)

    assert desk.later()["open"] == 0

    assert desk.row("one").state is State.FAILED
    assert desk.row("one").error == "it expired before all its videos were there"
    assert desk.row("two").error == "it expired before its files were stored"
    assert (desk.row("three").state, desk.row("three").error) == (State.LOADED, "")


def test_what_was_stored_may_expire(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, WHOLE)
    desk.run()
    desk.source.events["one"].version = 2
    desk.source.events["one"].look = replace(WHOLE, files=(), is_expired=True)
    desk.later()
    assert desk.row("one").state is State.LOADED
    assert list(desk.row("one").kept) == ["C_F-1.mp4"]


def test_videos_that_never_come_are_given_up(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, UPLOADING)
    desk.run()
    desk.later(hours=LONGEST / HOUR)
    assert desk.row("one").error == "its videos have not come within 60 days"
    assert not list(desk.progress.all_open())


def test_only_from_the_severity_that_is_set_on_are_files_stored(desk: Desk) -> None:
    for severity in (1, 2, 3):
        desk.source.add(f"{severity}", NOON - HOUR, replace(WHOLE, severity=severity))
    assert desk.run()["stored_files"] == 2
    assert sorted(desk.media.objects) == ["dashcam/2/C_F-1.mp4", "dashcam/3/C_F-1.mp4"]
    assert desk.row("1").state is State.LOADED


def test_a_file_that_can_not_be_had_stops_no_other(desk: Desk) -> None:
    files = (video("C_F-1.mp4"), video("C_I-1.mp4"), video("C_R-1.mp4"))
    desk.source.add("one", NOON - HOUR, replace(WHOLE, files=files))
    desk.files["C_I-1.mp4"] = 403

    told = desk.run()

    assert (told["stored_files"], told["failed_files"], told["open"]) == (2, 1, 1)
    row = desk.row("one")
    assert sorted(row.kept) == ["C_F-1.mp4", "C_R-1.mp4"]
    assert row.lacking == {"C_I-1.mp4": "the link to media.example answered 403"}
    assert row.error.startswith("C_I-1.mp4: ")
    assert "secret-path" not in str(desk.table.items)

    del desk.files["C_I-1.mp4"]
    assert desk.later()["stored_files"] == 1
    assert desk.row("one").state is State.LOADED
    assert (desk.row("one").error, dict(desk.row("one").lacking)) == ("", {})
    assert sorted(desk.fetched) == ["C_F-1.mp4", "C_I-1.mp4", "C_I-1.mp4", "C_R-1.mp4"]


def test_what_stays_refused_is_given_up_and_tried_again_when_somebody_asks(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, Look("", refused="answered 404 to assets"))
    desk.run()
    assert (desk.row("one").state, desk.row("one").error) == (
        State.LISTED,
        "answered 404 to assets",
    )
    desk.later(hours=PATIENCE / HOUR)
    assert desk.row("one").state is State.FAILED
    desk.later()
    assert desk.source.looked == []

    desk.source.events["one"].look = WHOLE
    desk.run({"from": "2024-03-05", "to": "2024-03-05"})
    assert desk.row("one").state is State.LOADED


def test_a_track_becomes_a_raw_object_of_its_own(desk: Desk) -> None:
    track = File(Kind.TRACK, "track.nmea", "https://media.example/secret-path/track.nmea")
    desk.source.add("one", NOON - HOUR, replace(WHOLE, files=(track,)))
    desk.files["track.nmea"] = b"$GPRMC"
    desk.run()
    assert desk.media.objects == {"dashcam/one/track.nmea": b"$GPRMC"}
    assert desk.answers("dashcam/points/day=2024-03-05/one.json.gz") == ["nmea"]


def test_a_run_stops_in_time_and_the_next_goes_on(desk: Desk) -> None:
    for number in range(20):
        desk.source.add(f"{number:02}", NOON - HOUR, WHOLE)
    told: list[Summary] = []
    while not told or told[-1]["more"]:
        desk.rounds_left = 25
        told.append(desk.run())
    assert 1 < len(told) < 20
    assert sum(one["listed"] for one in told) == 20
    assert sum(one["new"] for one in told) == 20
    assert sum(one["stored_files"] for one in told) == 20
    assert len(desk.media.objects) == 20
    assert len(desk.source.looked) < 40
    assert sorted(desk.fetched) == ["C_F-1.mp4"] * 20


def test_a_chain_of_runs_ends_even_if_lists_keep_changing(desk: Desk) -> None:
    for number in range(8):
        desk.source.add(f"{number}", NOON - HOUR, Look(""))
    desk.rounds_left = 5
    assert desk.run()["more"]
    seen = len(desk.source.looked)
    for one in desk.source.events.values():
        one.version += 1
    desk.rounds_left = 1_000
    assert not desk.run()["more"]
    assert seen > 0
    assert sorted(desk.source.looked) == [f"{number}" for number in range(8)]
    desk.later()
    assert len(desk.source.looked) == seen


def test_an_unfinished_window_is_asked_for_again(desk: Desk) -> None:
    desk.source.list_is_busy = True
    with pytest.raises(ProviderBusy):
        desk.run()
    desk.source.list_is_busy = False
    desk.later()
    assert desk.source.windows[0][0] == NOON + HOUR - 3 * DAY


def test_a_busy_provider_is_left_alone(desk: Desk) -> None:
    for number in range(8):
        desk.source.add(f"{number}", NOON - HOUR, WHOLE)
    desk.source.busy = {"4", "5", "6", "7"}
    with pytest.raises(ProviderBusy):
        desk.run()
    assert desk.row("3").state is State.LOADED
    desk.source.busy.clear()
    desk.run()
    assert desk.row("7").state is State.LOADED
    assert sorted(desk.source.looked) == sorted("012345674567")


def test_one_event_that_nobody_has_time_for_does_not_stop_the_rest(desk: Desk) -> None:
    for name in ("one", "two"):
        desk.source.add(name, NOON - HOUR, WHOLE)
    desk.source.busy = {"one"}
    assert desk.run()["open"] == 1
    assert desk.row("one").error == "503"
    assert desk.row("two").state is State.LOADED
    desk.source.busy.clear()
    assert desk.later()["open"] == 0


def test_reports_and_uploads_are_asked_for_once_a_day(desk: Desk) -> None:
    desk.run()
    desk.later()
    assert desk.source.daily == ["report 2024-03-04", "report 2024-03-03", "uploads"]
    assert desk.kept("safety_report") == ["report.json.gz"] * 2
    desk.later(hours=24)
    assert len(desk.source.daily) == 6


def test_a_refused_report_stops_nothing(desk: Desk) -> None:
    desk.source.refuses = ProviderRefused("answered 404 to safety_report")
    assert not desk.run()["more"]
    assert desk.source.daily == ["uploads"]


def test_days_that_somebody_names_move_no_cursor(desk: Desk) -> None:
    desk.source.add("old", datetime(2024, 1, 2, tzinfo=UTC), WHOLE)
    told = desk.run({"from": "2024-01-01", "to": "2024-01-03"})
    assert (told["listed"], told["new"], len(desk.source.windows)) == (1, 1, 3)
    assert desk.source.daily == [f"report 2024-01-0{day}" for day in (1, 2, 3)]
    assert not [place for place in desk.table.items if "cursor/" in place]


def test_days_that_somebody_names_go_on_where_they_stopped(desk: Desk) -> None:
    desk.rounds_left = 2
    asked = {"from": "2024-01-01", "to": "2024-01-03"}
    assert desk.run({"from": asked["from"], "to": asked["to"]})["more"]
    desk.rounds_left = 100
    assert not desk.run({"from": asked["from"], "to": asked["to"]})["more"]
    assert [first.day for first, _ in desk.source.windows] == [1, 2, 3]


def test_cursors_and_markers_are_in_no_listing_by_days(desk: Desk) -> None:
    desk.source.add("one", NOON - HOUR, UPLOADING)
    desk.run()
    assert [row.file for row in desk.ledger.rows("dashcam")] == ["2024-03-05/events/one.json"]
    outside = sorted(one["file"] for one in desk.table.items.values())
    assert outside[1:] == ["cursor/daily", "cursor/events", "open/2024-03-05/events/one.json"]


def test_the_digest_of_a_file_in_parts_is_remembered(desk: Desk) -> None:
    """S3 does not know it: the metadata of such an object is written before its last part."""
    desk.files["C_F-1.mp4"] = bytes(9 << 20)
    desk.source.add("one", NOON - HOUR, replace(WHOLE, files=(video(size=None),)))
    desk.run()
    before = dict(desk.row("one").kept)
    assert before["C_F-1.mp4"]

    desk.source.events["one"].version = 2
    desk.later()

    assert desk.source.looked == ["one"]
    assert desk.row("one").kept == before


def test_a_run_that_stops_early_does_not_move_back_what_was_reached(desk: Desk) -> None:
    desk.run()
    desk.rounds_left = 1  # for the first day of the overlap, and not for the next
    assert desk.later()["more"]
    desk.rounds_left = 100
    desk.later()
    assert desk.source.windows[0][0] == NOON - DAY


def of(driver: str, desk: Desk, name: str = "of-anna", at: datetime = NOON - HOUR) -> None:
    desk.source.add(name, at, replace(WHOLE, person=driver))


def block(desk: Desk, driver: str) -> None:
    desk.users.directory.add(f"our-{driver}", {"dashcam": driver}, now=NOON)
    desk.users.directory.block(f"our-{driver}", now=NOON)


def test_an_event_of_somebody_blocked_is_neither_looked_at_nor_kept(desk: Desk) -> None:
    block(desk, "anna")
    of("anna", desk)
    desk.run()
    assert (desk.source.looked, desk.kept("events"), desk.lists()) == ([], [], [])
    assert desk.media.objects == {}
    of("bert", desk, "of-bert")
    desk.later()
    assert desk.source.looked == ["of-bert"]
    assert desk.kept("events") == ["of-bert.json.gz"]


@pytest.mark.fault("erasure", of=("dashcam",))
def test_what_is_open_of_somebody_who_is_blocked_then_is_given_up(desk: Desk) -> None:
    of("anna", desk)
    desk.source.events["of-anna"].look = replace(WHOLE, person="anna", is_uploading=True)
    assert desk.run()["open"] == 1
    block(desk, "anna")
    assert desk.later(hours=2)["open"] == 0
    assert desk.source.looked == []
    assert desk.ledger.get("dashcam", f"{NOON.date()}/events/of-anna.json") is None
    desk.users.directory.unblock("our-anna", now=NOON)
    assert (desk.later()["new"], desk.source.looked) == (1, ["of-anna"])


def test_whose_event_it_is_may_turn_out_when_it_is_looked_at(desk: Desk) -> None:
    block(desk, "anna")
    of("anna", desk)
    desk.source.tells_drivers = False
    desk.run()
    assert (desk.kept("events"), desk.media.objects) == ([], {})
    assert desk.row("of-anna").state is State.LOADED
    desk.later()
    assert desk.source.looked == []


def test_who_drove_with_which_device_is_noted_of_the_latest_event(desk: Desk) -> None:
    of("anna", desk, "early", NOON - 2 * HOUR)
    of("bert", desk, "late", NOON - HOUR)
    desk.run()
    [item] = desk.tasks.items.values()
    assert (item["person"], item["provider"]) == ("bert", "dashcam")
