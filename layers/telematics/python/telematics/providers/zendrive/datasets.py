"""Zendrive's trips, collisions and health checks as tables.

`day` is the trip's first day, UTC, or the date that something is told of. Units are SI and stand in
the name; g-forces stay in g. Times are UTC, with the place's own offset in minutes beside them.

Of a trip tell the answer about a collision, the reads of one collision and of one trip, and the
notifications: `told_by` says which. They do not tell the same much, so `tells` decides before age:
what comes later and says less takes nothing away. Scores, which only some of them have, are in a
table of their own; so is each collision, since an answer that pins none down does not deny it.
"""

from telematics.datasets import (
    Column,
    Dataset,
    Kind,
    boolean,
    integer,
    number,
    text,
    timestamp,
)

TRIP = "trip_key"
COLLISION = "collision_key"
POINTS = "points_key"
OFFSET = "utc_offset_minutes"
TELLS = "tells"
ABSENT = (-1.0,)
FETCHED = timestamp("fetched_at")
VERSION = (FETCHED, text("digest"))
WHICH = (text(TRIP), text("trip_id"))
TOLD = (text("told_by"), integer(TELLS))
ASKED = text("asked_date")


def local(source: str, name: str, prefix: str = "") -> tuple[Column, Column]:
    """A time as the place's clocks show it: the instant, and their offset."""
    return timestamp(source, name), Column(f"{prefix}{OFFSET}", Kind.INTEGER, source)


def measure(source: str, name: str = "") -> Column:
    """A number that -1 says is missing."""
    return number(source, name, missing=ABSENT)


def place(start_and_end: tuple[str, str] = ("start", "end")) -> tuple[Column, ...]:
    return tuple(number(f"{axis}_{end}") for end in start_and_end for axis in AXES)


AXES = ("latitude", "longitude")
POSITION = (number("latitude"), number("longitude"))
PERIOD = (*local("start_time", "start_time", "start_"), *local("end_time", "end_time", "end_"))

INFO = (
    *PERIOD,
    *place(),
    measure("trip_max_speed_kmph", "max_speed_mps"),
    measure("duration_seconds", "duration_s"),
    measure("distance_km", "distance_m"),
    text("session_id"),
    text("tracking_id"),
    integer("insurance_period", missing=ABSENT),
    text("device_type"),
    text("platform"),
    text("user_mode"),
    text("drive_type"),
    text("vehicle_type"),
)
GIVEN = (
    measure("trip_end_location_given_col_loc_dist"),
    measure("trip_timestamp_end_given_col_ts_diff"),
)
RATINGS = ("hard_brake", "hard_turn", "rapid_acceleration", "phone_use", "overspeeding")
SCORED = (
    measure("extrapolated_distance_km", "extrapolated_distance_m"),
    number("estimated_start_latitude"),
    number("estimated_start_longitude"),
    text("vehicle_id"),
    boolean("trip_breached_flag"),
    measure("distance_outside_geofence_km", "distance_outside_geofence_m"),
    boolean("is_tagged_by_beacon"),
    boolean("is_tagged_by_bluetooth_stereo"),
)
BEHAVIOR = (
    *(measure(f"event_rating.{one}_rating", f"{one}_rating") for one in RATINGS),
    measure("score.zendrive_score", "zendrive_score"),
)
SPEED_PROFILE = text("speed_profile")
EVENT = (
    integer("event_type"),
    text("event_type_name"),
    *PERIOD,
    *place(),
    measure("posted_speed_limit_kmph", "posted_speed_limit_mps"),
    measure("average_driver_speed_kmph", "average_driver_speed_mps"),
    measure("max_driver_speed_kmph", "max_driver_speed_mps"),
)
IMPACT = (
    *local("time", "time"),
    timestamp("final_callback_timestamp"),
    measure("confidence_number"),
    text("confidence"),
    text("message"),
    measure("current_speed_mps"),
    measure("g_force"),
    measure("heading_degrees"),
    measure("brake_distance_meters", "brake_distance_m"),
    # It may well be -1: what brakes is negative.
    number("deceleration_rate_miles_per_hour_per_second", "deceleration_mps2"),
    boolean("airbag_deployed"),
    text("collision_severity"),
    text("direction_of_impact"),
    *POSITION,
)
SAMPLE = (*local("timestamp", "time"), number("acceleration_R", "acceleration_g"))
POINT = (
    *local("timestamp", "time"),
    *POSITION,
    measure("course", "course_degrees"),
    measure("heading", "heading_degrees"),
    measure("horizontal_accuracy", "horizontal_accuracy_m"),
    measure("raw_speed_mps", "speed_mps"),
)
AUTHENTICATED = boolean("authenticated")
CHECKS = (
    *("overall", "setup", "location_permissions", "location_service"),
    *("activity_permissions", "background_restrictions", "precise_location"),
    "battery_optimization",
)
HEARTBEAT = (
    text("application_id"),
    text("platform_string"),
    text("start_date"),
    *(text(f"{one}_color_code") for one in CHECKS),
)
NOTIFICATION = (
    integer("version"),
    text("type"),
    text("trip_id"),
    text("collision_id"),
    *local("time", "time"),
)

DATASETS = (
    Dataset("trips", (*WHICH, *VERSION, *TOLD, *INFO, *GIVEN, ASKED), key=TRIP, precedence=TELLS),
    Dataset("events", (*WHICH, FETCHED, TOLD[0], *EVENT), key=TRIP, part_of="trips"),
    Dataset(
        "trip_scores",
        (*WHICH, *VERSION, TOLD[0], *SCORED, *BEHAVIOR, SPEED_PROFILE),
        key=TRIP,
    ),
    Dataset(
        "collisions",
        (text(COLLISION), *WHICH, text("collision_id"), *VERSION, *TOLD, *IMPACT),
        key=COLLISION,
        precedence=TELLS,
    ),
    Dataset(
        "motion", (text(COLLISION), *WHICH, FETCHED, *SAMPLE), key=COLLISION, part_of="collisions"
    ),
    Dataset("gps_points", (text(POINTS), *WHICH, *VERSION, text("source"), *POINT), key=POINTS),
    Dataset("auth_days", (text("auth_key"), *VERSION, AUTHENTICATED, ASKED), key="auth_key"),
    Dataset(
        "heartbeats", (text("heartbeat_key"), *VERSION, *HEARTBEAT, ASKED), key="heartbeat_key"
    ),
    Dataset(
        "notifications",
        (text("notification_id"), text(TRIP), *VERSION, *NOTIFICATION, text("data")),
        key="notification_id",
    ),
)
