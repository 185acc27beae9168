"""What notifications, and the reads of single trips and collisions, tell of one trip.

All have the same members, some of them: the trip as `info`, its events, its path, how it was scored
and the collision. How the read of a collision calls the last is not documented.
"""

from collections.abc import Mapping

import msgspec

from telematics.providers.zendrive import points, records, telling
from telematics.providers.zendrive.about import Trip
from telematics.providers.zendrive.telling import Telling

IMPACTS = ("collision_information", "collision_info", "collision")
_SIGNS = frozenset({"g_force", "confidence_number", "final_callback_timestamp"})
_SMALL = frozenset({"info", "events", "simple_path", "raw_gps", "motion", "driving_behavior"})
_SPEEDS = "speed_profile"


def read(
    here: Telling,
    data: Mapping[str, msgspec.Raw],
    *,
    tells: int,
    trip_id: str | None = None,
    collision_id: str | None = None,
) -> Trip:
    """`trip_id` is that of the trip, should it not say so itself. Raises MalformedPayload."""
    info = records.decoded(data.get("info"))
    trip = here.trip(info, trip_id)
    impact = impact_of(data)
    aside = _SMALL | {impact, _SPEEDS}
    more = records.values({name: one for name, one in data.items() if name not in aside})
    here.add_trip(
        trip,
        info,
        events=here.parts(data, "events"),
        tells=tells if _is_told(data.get("events")) else min(tells, telling.NO_EVENTS),
        beside=more,
    )
    with here.aside(None, data.get("driving_behavior")):
        speeds = data.get(_SPEEDS)
        here.add_scores(
            trip,
            {**more, **info},
            behavior=records.decoded(data.get("driving_behavior")),
            speed_profile=bytes(speeds).decode() if speeds and _is_told(speeds) else None,
        )
    found, motion = data.get(impact), data.get("motion")
    with here.aside(None, found):
        here.add_collision(trip, found, collision_id=collision_id, motion=motion)
    here.add_points(trip, points.RAW_GPS, data.get("raw_gps"))
    here.add_points(trip, points.SIMPLE_PATH, data.get("simple_path"))
    return trip


def _is_told(content: msgspec.Raw | None) -> bool:
    """An empty list says that there is nothing, null says nothing."""
    return content is not None and bytes(memoryview(content)[:1]) == b"["


def impact_of(data: Mapping[str, msgspec.Raw]) -> str:
    """The member with the collision: one that is called like it, or that looks like it."""
    for name in IMPACTS:
        if name in data:
            return name
    others = (name for name, one in data.items() if name not in _SMALL and _looks_like(one))
    return next(others, IMPACTS[0])


def _looks_like(content: msgspec.Raw) -> bool:
    is_object = bytes(memoryview(content)[:1]) == b"{"
    return is_object and bool(_SIGNS & records.members(content).keys())
