"""What is in the simulator's files: reproducible, and plausible."""

import json
import math
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.sandbox.simulators.people import Population
from tests.sandbox.simulators.sentiance.faults import Faults
from tests.sandbox.simulators.sentiance.files import catalog
from tests.sandbox.simulators.sentiance.settings import Settings
from tests.sandbox.simulators.sentiance.shelf import Shelf
from tests.unit.simulated_offloads import (
    DAY,
    NAMES,
    NOW,
    RARE,
    edition,
    records,
    records_of,
    shelf,
    taken,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", NAMES)
def test_every_file_has_the_columns_and_rows_that_are_told(name: str) -> None:
    facts, content = taken(shelf(), name)
    found = records(content, catalog.BY_NAME[name])

    assert len(found) == facts.rows
    assert len(content) == facts.size
    assert facts.bad_rows == 0
    assert found or name in RARE
    assert all(list(one) == list(catalog.BY_NAME[name].columns) for one in found)


def test_the_same_file_is_the_same_in_another_order_and_another_process() -> None:
    here, later = shelf(), shelf()
    ours = {name: taken(here, name)[0].sha256 for name in NAMES}
    theirs = {name: taken(later, name)[0].sha256 for name in reversed(NAMES)}
    program = (
        "import json\nfrom tests.unit.simulated_offloads import NAMES, shelf, taken\n"
        "made = shelf()\n"
        "print(json.dumps({name: taken(made, name)[0].sha256 for name in NAMES[::2]}))"
    )
    ran = subprocess.run(  # noqa: S603  # the program is above
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=ROOT
    )

    assert ours == theirs
    assert json.loads(ran.stdout).items() <= ours.items()


def test_another_seed_or_day_is_another_file() -> None:
    other = Shelf(Settings(seed=2, users=25, now=lambda: NOW), Faults())
    made = [taken(shelf(), "transports"), taken(other, "transports")]
    made.append(taken(shelf(), "transports", DAY + timedelta(days=1)))
    assert len({facts.sha256 for facts, _ in made}) == 3


def test_people_are_the_same_however_many_there_are() -> None:
    few, many = list(Population(1, 5)), list(Population(1, 400))
    linked = [person.is_linked("sentiance") for person in many]

    assert few == many[:5]
    assert [person.user_id for person in few[:2]] == ["driver-0001", "driver-0002"]
    assert 0.75 < sum(linked) / len(linked) < 0.85
    assert len({person.identity("sentiance") for person in many}) == 400


def test_transports_are_plausible() -> None:
    trips = records_of("transports")
    modes = Counter(trip["mode"] for trip in trips)

    assert modes.most_common(1)[0][0] == "car"
    assert len(modes) >= 4
    for trip in trips:
        speed_kmh = float(trip["distance"]) / float(trip["duration"]) * 3.6
        start, end = (datetime.fromisoformat(trip[name]) for name in ("start", "end"))
        assert 2 < speed_kmh < (8 if trip["mode"] == "walking" else 120)
        assert end - start == timedelta(seconds=int(trip["duration"]))
        assert start.utcoffset() == timedelta(hours=2)
        assert (trip["occupant_role"] != "") == (trip["mode"] in ("car", "motorcycle"))
        assert trip["metadata_user_id"] == "" or trip["metadata_user_id"].startswith("driver-")


def test_waypoints_lead_from_start_to_end_over_the_distance() -> None:
    for trip in records_of("transports"):
        points = json.loads(trip["waypoints"])["waypoints"]
        times = [point["timestamp"] for point in points]
        metres = sum(_metres(one, other) for one, other in pairwise(points))

        assert times[0] == trip["start"]
        assert times == sorted(times)
        assert times[-1] <= trip["end"]
        assert 0.6 * int(trip["distance"]) - 150 < metres < 1.1 * int(trip["distance"]) + 20


def _metres(one: dict[str, float], other: dict[str, float]) -> float:
    north = (other["latitude"] - one["latitude"]) * 111_320
    east = (other["longitude"] - one["longitude"]) * 111_320 * math.cos(math.radians(50.9))
    return math.hypot(north, east)


def test_times_have_none_three_or_six_digits_after_the_second() -> None:
    starts = [trip["start"] for day in range(5) for trip in records_of("transports", _after(day))]
    digits = Counter(len(start.partition(".")[2].partition("+")[0]) for start in starts)
    assert set(digits) == {0, 3, 6}
    assert digits.most_common(1)[0][0] == 0


def _after(days: int) -> date:
    return DAY + timedelta(days=days)


@pytest.mark.parametrize("kind", ["transports", "users"])
@pytest.mark.parametrize("family", ["primary", "secondary"])
def test_scores_have_six_decimals_or_are_minus_one(kind: str, family: str) -> None:
    name = f"{family}_safety_scores_{kind}"
    columns = catalog.BY_NAME[name].columns[-4 if family == "primary" else -6 :]
    scores = [row[column] for row in records_of(name) for column in columns]
    known = [score for score in scores if score != "-1"]

    assert len(known) > len(scores) / 2
    assert all(0 <= float(score) <= 1 and len(score) == 8 for score in known)


def test_careful_people_have_fewer_hard_events() -> None:
    people = list(Population(1, 25))
    careful = {one.identity("sentiance") for one in sorted(people, key=lambda one: -one.care)[:10]}
    events, metres = Counter[bool](), Counter[bool]()
    for days in range(7):
        for line in records_of("driving_insights", _after(days)):
            is_careful = line["user_id"] in careful
            events[is_careful] += len(line["harsh_driving_events"])
            metres[is_careful] += line["transport"]["distance"]

    assert events[True] / metres[True] < 0.7 * events[False] / metres[False]


def test_significant_events_are_some_of_all_events() -> None:
    some = {
        row["event_id"]: row["driving_events"] for row in records_of("driving_events_significant")
    }
    for row in records_of("driving_events_all"):
        every, ours = json.loads(row["driving_events"]), json.loads(some[row["event_id"]])
        assert all(event in every for event in ours)
        assert all(row["start"][:16] <= event["start"][:16] for event in every)


def test_every_trip_is_in_one_days_file_some_days_after_it_was_driven() -> None:
    late, seen = Counter[int](), Counter[str]()
    for days in range(10):
        for trip in records_of("transports", _after(days)):
            end = datetime.fromisoformat(trip["end"]).astimezone(UTC).date()
            late[(_after(days) - end).days] += 1
            seen[trip["event_id"]] += 1

    assert set(seen.values()) == {1}
    assert late[0] > 0.9 * sum(late.values())
    assert set(late) == {0, 1, 2, 3}


def test_rewards_of_the_last_seven_days_are_told_again_unchanged() -> None:
    def rewards(day: date) -> dict[tuple[str, str], str]:
        rows = records_of("daily_rewards", day)
        return {(row["user_id"], row["day"]): row["points"] for row in rows}

    today, tomorrow = rewards(DAY), rewards(_after(1))
    both = today.keys() & tomorrow.keys()
    assert len({day for _, day in today}) == 7
    assert both
    assert all(today[one] == tomorrow[one] for one in both)


@pytest.mark.parametrize("name", sorted({*NAMES} - {"groups", "group_members", *RARE}))
def test_todays_file_grows(name: str) -> None:
    """What depends on the day; and never shrinks."""
    today = NOW.date()
    hours = (datetime(2023, 6, 20, hour, 3, tzinfo=UTC) for hour in (1, 12, 20))
    rows = [taken(shelf(now=hour), name, today)[0].rows for hour in hours]
    rows.append(taken(shelf(now=NOW + timedelta(days=1)), name, today)[0].rows)
    assert rows == sorted(rows)
    assert rows[0] < rows[-1]


def test_todays_file_stays_for_some_minutes() -> None:
    moments = (NOW, NOW + timedelta(minutes=9, seconds=59))
    assert (
        len({edition(shelf(now=one), "transports", NOW.date()).source.until for one in moments})
        == 1
    )
