"""Driving insights, JSON Lines: a driven transport with its scores and its events."""

from collections.abc import Iterator, Sequence

from tests.sandbox.simulators.sentiance.files import driving_events, scores
from tests.sandbox.simulators.sentiance.files.driving_events import Event
from tests.sandbox.simulators.sentiance.files.layout import (
    JSON,
    Layout,
    Row,
    event_id,
    iso,
    metadata_user_id,
    user_id,
)
from tests.sandbox.simulators.sentiance.files.scores import PRIMARY, SECONDARY, Scores
from tests.sandbox.simulators.sentiance.files.source import Source

# As the SDK groups them.
LISTS = {
    "harsh_driving_events": ("accelerating", "braking", "turning"),
    "phone_usage_events": ("phone_handling", "screen"),
    "call_while_moving_events": ("call",),
    "speeding_events": ("speeding",),
}


def _driving_insights(source: Source) -> Iterator[Row]:
    for trip in source.driven_trips():
        events = driving_events.of_trip(source, trip)
        transport = {
            "start": iso(trip.start),
            "end": iso(trip.end),
            "mode": trip.mode,
            "occupant_role": trip.role,
            "distance": trip.distance_m,
            "duration": trip.duration_s,
        }
        scored = _scored(scores.of_trip(source, trip))
        lists = (_of(events, kinds) for kinds in LISTS.values())
        person = user_id(trip.person), metadata_user_id(trip.person) or None
        yield (*person, event_id(trip), transport, scored, *lists)


def _scored(scored: Scores) -> dict[str, float]:
    names = (*PRIMARY, *SECONDARY)
    values = ((name, getattr(scored, name)) for name in names)
    return {name: -1 if value is None else round(value, 6) for name, value in values}


def _of(events: Sequence[Event], kinds: Sequence[str]) -> list[dict[str, object]]:
    return [event.as_json() for event in events if event.kind.name in kinds]


LAYOUTS = (
    Layout(
        "driving_insights",
        ("user_id", "metadata_user_id", "event_id", "transport", "safety_scores", *LISTS),
        _driving_insights,
        format=JSON,
    ),
)
