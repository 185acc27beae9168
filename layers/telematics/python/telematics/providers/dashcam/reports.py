"""A safety report as rows: its summary by period, its trends by date.

Reports overlap. A date is a thing of its own, with one row at least, so that of all reports that
tell of it the latest counts, even if there is nothing left to tell.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from telematics import versions
from telematics.datasets import PERSON
from telematics.errors import MalformedPayload
from telematics.providers.dashcam import records
from telematics.providers.dashcam.about import Period
from telematics.providers.dashcam.datasets import REPORT
from telematics.versions import Thing

DATASET = "safety_report"
LONGEST_DAYS = 400
_OURS = frozenset({"report", "section", "since", "until", "tz"})
_COLUMNS = [column for column in REPORT if column.name not in _OURS]


def things(members: Mapping[str, Any], period: Period, fetched_at: datetime) -> Iterator[Thing]:
    """Raises MalformedPayload when it is not as documented."""
    which = f"{period.first}/{period.last} {period.tz}"
    summary = list(_summary(_object(members, "summary")))
    yield _thing(period, which, period.first, fetched_at, summary)
    by_date: dict[date, list[dict[str, Any]]] = {day: [] for day in _days(period)}
    for trend in _list(members, "trend"):
        for told in _list(trend, "events"):
            by_date.setdefault(_date(told), []).extend(_trend(trend.get("trend_type"), told))
    for day, rows in by_date.items():
        total = sum(row["count"] or 0 for row in rows if row["section"] == "type")
        whole = {"section": "day", "count": total}
        yield _thing(period, f"{day} {period.tz}", day, fetched_at, [whole, *rows])


def _thing(
    period: Period, key: str, day: date, fetched_at: datetime, rows: list[dict[str, Any]]
) -> Thing:
    given = {PERSON: None, "day": day, "report": key, "tz": period.tz}
    whole = [{**given, **row} for row in rows]
    return Thing(DATASET, key, day, fetched_at, versions.digest(whole), {DATASET: whole})


def _summary(summary: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    trip = _object(summary, "trip")
    yield {"section": "trip", **_row(trip)}
    for one in _list(summary, "event_category"):
        yield {"section": "category", **_row(one)}


def _trend(trend_type: object, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    named = {"trend_type": records.shown(trend_type)}
    for one in _list(told, "types"):
        yield {"section": "type", **_row(one), **named}
    if severity := _object(told, "severity"):
        yield {"section": "severity", **_row(severity), **named}


def _row(members: Mapping[str, Any]) -> dict[str, Any]:
    return records.declared(_COLUMNS, members) | records.undeclared(members, _COLUMNS, taken=REPORT)


def _days(period: Period) -> Iterator[date]:
    days = (period.last - period.first).days + 1
    if not 0 < days <= LONGEST_DAYS:
        raise MalformedPayload(f"a report of {days} days")
    return (period.first + timedelta(days=one) for one in range(days))


def _date(told: Mapping[str, Any]) -> date:
    value = told.get("date")
    try:
        return date.fromisoformat(value[:10] if isinstance(value, str) else "")
    except ValueError:
        raise MalformedPayload("date: no day") from None


def _object(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = members.get(name)
    if value is not None and value != [] and not isinstance(value, dict):
        raise MalformedPayload(f"{name}: no object")
    return value or {}


def _list(members: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = members.get(name)
    if value is not None and not isinstance(value, list):
        raise MalformedPayload(f"{name}: no list")
    return [one for one in value or () if isinstance(one, dict)]
