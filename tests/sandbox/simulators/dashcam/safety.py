"""The safety report: how many events of what kind, and how much was driven."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tests.sandbox.simulators.dashcam.asked import BAD_REQUEST, Failed
from tests.sandbox.simulators.dashcam.events import ADAS, DMS, KINDS, SENSOR, SIGN, Event
from tests.sandbox.simulators.trips import Trip


def report(events: Sequence[Event], drives: Sequence[Trip], zone: str) -> dict[str, object]:
    """Units are not documented: metres and seconds here."""
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Failed(BAD_REQUEST, "tz is no time zone") from None
    names = Counter(KINDS[event.type].trend for event in events)
    trip = {
        "total_distance": sum(drive.distance_m for drive in drives),
        "total_idling": 0,
        "total_time": sum(drive.duration_s for drive in drives),
        "total_trips": len(drives),
    }
    categories = [{"category": name, "count": count} for name, count in sorted(names.items())]
    return {
        "summary": {"event_category": categories, "trip": trip},
        "trend": [
            {"trend_type": trend, "events": _days(events, trend, where)}
            for trend in (SENSOR, ADAS, SIGN, DMS)
        ],
    }


def _days(events: Iterable[Event], trend: str, zone: ZoneInfo) -> list[dict[str, object]]:
    days = defaultdict[str, list[Event]](list)
    for event in events:
        if KINDS[event.type].trend == trend:
            days[datetime.fromtimestamp(event.timestamp, zone).date().isoformat()].append(event)
    return [
        {
            "date": day,
            "types": [
                {"type": kind, "count": count}
                for kind, count in sorted(Counter(event.type for event in found).items())
            ],
            "severity": {
                f"lv_{level}": sum(event.severity == level for event in found)
                for level in (1, 2, 3)
            },
        }
        for day, found in sorted(days.items())
    ]
