"""What is answered at once: one collision, and one trip with its scores.

The names of a collision's own block are not documented for this call: those of the webhook.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from tests.sandbox.simulators.chance import chance
from tests.sandbox.simulators.crashes import Crash
from tests.sandbox.simulators.trips import Trip
from tests.sandbox.simulators.zendrive import events, told
from tests.sandbox.simulators.zendrive.drivers import trip_id
from tests.sandbox.simulators.zendrive.recording import Json

FIELDS = ("info", "driving_behavior", "speed_profile", "simple_path", "events")
USUAL_FIELDS = "info,driving_behavior"
RATINGS = ("hard_brake", "hard_turn", "rapid_acceleration", "phone_use", "overspeeding")
KM_PER_MILE = 1.609344


def collision(crash: Crash) -> Json:
    trip = crash.trip
    return {
        "data": {
            "info": told.trip(trip, missing=told.MISSING),
            "events": [event.told for event in events.of(trip, crash)],
            "collision_information": told.collision(crash),
            "simple_path": simple_path(trip),
        }
    }


def trip(one: Trip, crash: Crash | None, fields: Sequence[str]) -> Json:
    parts: Json = {
        "info": {
            **scored(one),
            "vehicle_id": told.MISSING,
            "trip_breached_flag": False,
            "distance_outside_geofence_km": 0.0,
            "is_tagged_by_beacon": "false",
            "is_tagged_by_bluetooth_stereo": "false",
        },
        "driving_behavior": behaviour(one),
        "speed_profile": speed_profile(one),
        "simple_path": simple_path(one),
        "events": [event.told for event in events.of(one, crash)],
    }
    return {
        "trip_id": f"{trip_id(one)}",
        **{name: parts[name] for name in FIELDS if name in fields},
    }


def scored(one: Trip) -> Json:
    """In the fields of a trip that was scored."""
    whole, start = told.trip(one, missing=told.MISSING), one.way[0]
    names = (
        *("start_time", "end_time", "trip_max_speed_kmph", "duration_seconds", "distance_km"),
        *("session_id", "tracking_id", "insurance_period", "user_mode", "drive_type"),
        "vehicle_type",
    )
    return {
        **{name: whole[name] for name in names},
        "extrapolated_distance_km": 0.0,
        "estimated_start_latitude": round(start.latitude, 7),
        "estimated_start_longitude": round(start.longitude, 7),
    }


def behaviour(one: Trip) -> Json:
    """Ratings from 1 to 5; now and then there is nothing to rate."""
    draw, care = chance(one.key, "ratings"), one.person.care
    ratings: Json = {
        f"{name}_rating": -1
        if draw.random() < 0.05
        else max(1, min(5, round(5 * care + draw.gauss(0, 0.7))))
        for name in RATINGS
    }
    score = max(0, min(100, round(100 * care + draw.gauss(0, 6))))
    return {"event_rating": ratings, "score": {"zendrive_score": score}}


def speed_profile(one: Trip) -> list[list[object]]:
    """Miles per hour, when, and the limit in the same, where it is known."""
    draw, start = chance(one.key, "limits"), trip_id(one)
    return [
        [
            round(point.speed_kmh / KM_PER_MILE, 2),
            start + round(point.after_s * 1000),
            told.MISSING if draw.random() < 0.1 else round(point.limit_kmh / KM_PER_MILE, 2),
        ]
        for point in one.way
    ]


def simple_path(one: Trip) -> list[Json]:
    start, zone = trip_id(one), one.start.tzinfo
    moments = [start + round(point.after_s * 1000) for point in one.way]
    return [
        {
            "latitude": round(point.latitude, 7),
            "longitude": round(point.longitude, 7),
            "timestamp": precise(moment, zone),
            "time_millis": moment,
        }
        for point, moment in zip(one.way, moments, strict=True)
    ]


def precise(moment_ms: int, zone: tzinfo | None) -> str:
    """With microseconds, as only the paths have them."""
    moment = datetime.fromtimestamp(moment_ms // 1000, zone)
    return moment.replace(microsecond=moment_ms % 1000 * 1000).isoformat(timespec="microseconds")
