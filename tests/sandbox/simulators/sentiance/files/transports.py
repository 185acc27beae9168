"""Transports, who drove, and the way taken."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from tests.sandbox.simulators import routes
from tests.sandbox.simulators.routes import Waypoint
from tests.sandbox.simulators.sentiance.files import scores
from tests.sandbox.simulators.sentiance.files.layout import (
    PERSON,
    TRANSPORT,
    Layout,
    Row,
    event_id,
    iso,
    of_person,
    of_transport,
    score,
    session_id,
)
from tests.sandbox.simulators.sentiance.files.scores import Scores
from tests.sandbox.simulators.sentiance.files.source import Source
from tests.sandbox.simulators.trips import Trip

# The order of the predecessor file, whose columns were appended over time.
TRANSPORTS = (
    *(*PERSON, "start", "end", "mode", "distance", "waypoints", "duration"),
    *("smooth", "legal", "anticipative", "focus", "mounted", "session_id"),
    *("hard_events", "hard_accel", "hard_brake", "legal_v2", "event_id", "occupant_role"),
    *("aggr_v2", "anti_v2", "hard_turn", "attention", "top_speed"),
)
TRAJECTORIES = (
    *(*PERSON, "event_id", "session_id", "start", "end", "mode", "distance", "mapped_waypoints"),
    *("start_address", "end_address"),
)


def _transports(source: Source) -> Iterator[Row]:
    for trip in source.trips():
        scored = scores.of_trip(source, trip)
        yield (
            *(*of_person(trip.person), iso(trip.start), iso(trip.end), trip.mode),
            *(trip.distance_m, _waypoints(trip, source.way(trip)), trip.duration_s),
            *scored.texts(("smooth", "legal", "anticipation", "focus", "mounted")),
            session_id(trip),
            *scored.texts(("smooth", "harsh_acceleration", "harsh_braking", "legal")),
            *(event_id(trip), trip.role, score(_aggression(scored))),
            *scored.texts(("anticipation", "harsh_turning", "attention")),
            f"{routes.top_speed_kmh(trip.way):.1f}",
        )


def _aggression(scored: Scores) -> float | None:
    worst = (scored.harsh_acceleration, scored.harsh_braking)
    return min((one for one in worst if one is not None), default=None)


def _waypoints(trip: Trip, way: Sequence[Waypoint]) -> str:
    """Put together by hand: there are many, and a general writer takes most of the time."""
    points = ",".join(
        f'{{"latitude":{point.latitude:.5f},"longitude":{point.longitude:.5f},'
        f'"timestamp":"{_at(trip, point)}"}}'
        for point in way
    )
    return f'{{"waypoints":[{points}]}}'


def _trajectories(source: Source) -> Iterator[Row]:
    for trip in source.trips():
        yield (
            *(*of_person(trip.person), event_id(trip), session_id(trip)),
            *(iso(trip.start), iso(trip.end), trip.mode, trip.distance_m),
            *(
                _mapped_waypoints(trip, source.way(trip)),
                trip.origin.address,
                trip.destination.address,
            ),
        )


def _mapped_waypoints(trip: Trip, way: Sequence[Waypoint]) -> str:
    points = ",".join(
        f'{{"latitude":{point.latitude:.5f},"longitude":{point.longitude:.5f},'
        f'"speed_v2":{point.speed_kmh:.1f},"speedlimit":{point.limit_kmh},'
        f'"waypoint_timestamp":"{_at(trip, point)}"}}'
        for point in way
    )
    return f"[{points}]"


def _at(trip: Trip, point: Waypoint) -> str:
    return iso(trip.start + timedelta(seconds=int(point.after_s)))


def _drivers_and_passengers(source: Source) -> Iterator[Row]:
    return (of_transport(trip) for trip in source.driven_trips())


LAYOUTS = (
    Layout("transports", TRANSPORTS, _transports, number="distance", text="waypoints"),
    Layout("trajectories", TRAJECTORIES, _trajectories, number="distance", text="mapped_waypoints"),
    Layout("driver_passenger", TRANSPORT, _drivers_and_passengers),
)
