"""Notifications as the vendor documents them, of trips that were scored and of collisions."""

from collections.abc import Iterator

from tests.sandbox.simulators.crashes import Crash
from tests.sandbox.simulators.trips import DRIVEN, Trip
from tests.sandbox.simulators.zendrive import events, reads, told
from tests.sandbox.simulators.zendrive.drivers import driver_id, epoch_ms, trip_id
from tests.sandbox.simulators.zendrive.recording import Json

VERSION = 3
COLLISION, TRIP_SCORED, UNKNOWN = "COLLISION", "TRIP_SCORED", "DEVICE_HEALTH"
TYPES = (COLLISION, TRIP_SCORED, UNKNOWN)
_INFO = (
    *("trip_id", "trip_max_speed_kmph", "duration_seconds", "distance_km", "session_id"),
    *("tracking_id", "insurance_period", "device_type", "platform", "user_mode", "drive_type"),
)


def of_trip(
    trip: Trip, crash: Crash | None, types: tuple[str, ...], *, with_data: bool
) -> Iterator[Json]:
    """First the crash: a trip is scored when it is over."""
    if crash and COLLISION in types:
        yield _collision(crash, with_data=with_data)
    if trip.mode in DRIVEN and TRIP_SCORED in types:
        yield {
            "version": VERSION,
            "type": TRIP_SCORED,
            "driver_id": driver_id(trip.person),
            "trip_id": f"{trip_id(trip)}",
            "data": _scored(trip, crash) if with_data else {},
        }
    if UNKNOWN in types:
        yield {
            "version": VERSION,
            "type": UNKNOWN,
            "driver_id": driver_id(trip.person),
            "data": {"after_trip": f"{trip_id(trip)}", "healthy": True},
        }


def _collision(crash: Crash, *, with_data: bool) -> Json:
    trip = crash.trip
    whole = told.trip(trip, missing=told.MISSING)
    impact = told.collision(crash, with_motion=False)
    data: Json = {
        "info": {"time": impact["time"], **{name: whole[name] for name in _INFO}},
        "simple_path": reads.simple_path(trip),
        "events": [event.told for event in events.of(trip, crash)],
        "collision_information": impact,
    }
    return {
        "version": VERSION,
        "type": COLLISION,
        "collision_id": f"{epoch_ms(crash.moment)}",
        "driver_id": driver_id(trip.person),
        "data": data if with_data else {},
    }


def _scored(trip: Trip, crash: Crash | None) -> Json:
    return {
        "info": reads.scored(trip),
        "driving_behavior": reads.behaviour(trip),
        "simple_path": reads.simple_path(trip),
        "events": [event.told for event in events.of(trip, crash)],
    }
