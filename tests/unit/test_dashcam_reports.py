"""Safety reports become rows by period and by date, whatever they overlap with."""

from datetime import date
from typing import Any

import pytest

from telematics.providers.dashcam.about import Period
from tests.unit.dashcam_answers import DAY, read
from tests.unit.dashcam_server import payload, told_as


def test_a_report_is_rows_by_period_and_by_date() -> None:
    period = Period(date(2024, 3, 5), date(2024, 3, 7))
    found = read(("safety_report", payload("safety_report"), str(period)))

    assert [(thing.key, thing.day.day) for thing in found.things] == [
        ("2024-03-05/2024-03-07 UTC", 5),
        ("2024-03-05 UTC", 5),
        ("2024-03-06 UTC", 6),
        ("2024-03-07 UTC", 7),
    ]
    summary, first, *rest = (thing.rows["safety_report"] for thing in found.things)
    assert [row["section"] for row in summary] == ["trip", "category"]
    assert (summary[0]["total_distance"], summary[0]["total_trips"]) == (1250.5, 4)
    assert (summary[1]["category"], summary[1]["count"]) == ("Sensor Event", 3)
    assert [row["section"] for row in first] == ["day", "type", "type", "severity"]
    assert (first[0]["count"], first[1]["trend_type"]) == (3, "Sensor Event")
    assert (first[3]["lv_1"], first[3]["lv_3"]) == (1, 2)
    # A day without events says so, in place of what was told of it before.
    assert [[row["count"] for row in rows] for rows in rest] == [[0], [0]]


@pytest.mark.parametrize(
    ("members", "trip"),
    [
        ({}, None),
        ({}, "{}"),
        ({}, '{"first":"2024-03-06","last":"2024-03-05"}'),
        ({}, '{"first":"0001-01-01","last":"9999-12-31"}'),
        ({"trend": [{"events": [{"date": "yesterday"}]}]}, str(Period(DAY, DAY))),
        ({"trend": [{"events": [{"date": None}]}]}, str(Period(DAY, DAY))),
        ({"trend": {}}, str(Period(DAY, DAY))),
        ({"summary": 3}, str(Period(DAY, DAY))),
        ({"summary": {"trip": {"total_trips": "many"}}}, str(Period(DAY, DAY))),
    ],
)
def test_a_report_that_cannot_be_read_is_set_aside_whole(
    members: dict[str, Any], trip: str | None
) -> None:
    found = read(("safety_report", told_as("safety_report", **members), trip))
    assert found.things == []
    assert len(found.unreadable) == 1


def test_a_report_of_nothing_is_nothing_but_days() -> None:
    empty = told_as("safety_report", summary=None, trend=None)
    found = read(("safety_report", empty, str(Period(DAY, DAY))))
    assert [len(thing.rows["safety_report"]) for thing in found.things] == [1, 1]
