"""Crash reports, JSON Lines: each is told again as more becomes known of the same crash."""

import random
from collections.abc import Iterator
from datetime import timedelta

from tests.sandbox.simulators import crashes
from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.crashes import Crash
from tests.sandbox.simulators.routes import Waypoint
from tests.sandbox.simulators.sentiance.files.layout import (
    JSON,
    Layout,
    Row,
    epoch_ms,
    event_id,
    metadata_user_id,
    session_id,
    user_id,
)
from tests.sandbox.simulators.sentiance.files.source import PROVIDER, Source

CRASHES_PER_TRIP_LATER = 0.05  # a new edition knows of more
SEGMENTS = ("INITIAL", "TRANSPORTS", "TIMELINE", "WEATHER", "TRAFFIC")
SAMPLE_MS = 20
COLUMNS = (
    *("appId", "correlationId", "sessionId", "reportId", "reportTier", "reportSegments"),
    *("userId", "externalUserId", "processingTime", "crashEvent", "timelineEvents", "weatherData"),
    *("trafficIncidentData", "trafficFlow", "transportEventId", "significantTransportMode"),
    *("speedBeforeImpact", "speedAfterImpact"),
)


def app_id(seed: int) -> str:
    """The customer's app, as it is known to Sentiance."""
    return identity(24, seed, PROVIDER, "app")


def _crash_insights(source: Source) -> Iterator[Row]:
    for trip in source.driven_trips():
        draw = source.draw(trip.key, "crash")
        per_trip = CRASHES_PER_TRIP_LATER if source.revision else crashes.PER_TRIP
        if crash := crashes.drawn(trip, draw, per_trip):
            yield from _reports(source, crash, draw)


def _reports(source: Source, crashed: Crash, draw: random.Random) -> Iterator[Row]:
    """The first within the minute; the later ones know more."""
    trip, crash = crashed.trip, _crash(crashed, draw)
    report_id = identity(32, trip.key, "crash report")
    for version in range(draw.randint(1, 3)):
        told_at = trip.seen_at + timedelta(seconds=20 + 300 * version)
        segments = SEGMENTS[: 1 + 2 * version]
        yield (
            *(app_id(source.population.seed), identity(32, report_id), session_id(trip)),
            *(report_id, 2 if version == 0 else 3, list(segments)),
            *(user_id(trip.person), metadata_user_id(trip.person) or None),
            *(epoch_ms(told_at), crash, [] if version else None),
            *(_weather(draw) if "WEATHER" in segments else None, [] if version else None),
            *([] if version else None, event_id(trip) if version else None),
            *(trip.mode if version else None, crash["speedAtImpact"]),
            0.0 if version else None,
        )


def _crash(crash: Crash, draw: random.Random) -> dict[str, object]:
    moment, place = crash.moment, crash.place
    speed = round(place.speed_kmh / 3.6, 2)
    offset = moment.utcoffset() or timedelta(0)
    return {
        "timestamp": epoch_ms(moment),
        "timezoneOffset": int(offset.total_seconds() // 60),
        "confidence": crash.confidence,
        "maxMagnitude": crash.magnitude_mg,
        "severity": crash.severity,
        "numberImpacts": draw.randint(1, 3),
        "speedAtImpact": speed,
        "deltaV": round(speed * draw.uniform(0.3, 0.9), 2),
        "speedLimit": place.limit_kmh,
        "waypoint": _waypoint(epoch_ms(moment), place),
        "sensorData": _shock(epoch_ms(moment), draw),
    }


def _waypoint(moment_ms: int, place: Waypoint) -> dict[str, object]:
    return {
        "location": {
            "latitude": round(place.latitude, 5),
            "longitude": round(place.longitude, 5),
            "horizontalAccuracy": 8,
            "provider": "gps",
        },
        "timestamp": moment_ms,
        "speed": round(place.speed_kmh / 3.6, 2),
        "direction": -1,
    }


def _shock(moment_ms: int, draw: random.Random) -> dict[str, object]:
    """Accelerations in g along three axes, fifty times a second."""
    calm = [round(draw.gauss(0, 0.1), 3) for _ in range(20)]
    hit = [round(draw.gauss(0, 2.5), 3) for _ in range(5)]
    return {
        "type": "ACCELEROMETER",
        "baseTimestamp": moment_ms,
        "baseOffsets": [number * SAMPLE_MS for number in range(25)],
        "measurements": [calm + hit, hit + calm, calm[:10] + hit + calm[10:]],
    }


def _weather(draw: random.Random) -> list[dict[str, object]]:
    sky = draw.choice(("clear", "clouds", "rain", "fog"))
    return [{"condition": sky, "temperature": round(draw.gauss(11, 6), 1)}]


LAYOUTS = (
    Layout("crash_insights", COLUMNS, _crash_insights, format=JSON, number="processingTime"),
)
