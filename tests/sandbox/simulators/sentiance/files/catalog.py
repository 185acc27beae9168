"""All the kinds of files there are, in the order in which they are listed."""

from collections.abc import Iterator

from tests.sandbox.simulators.sentiance.files import (
    crashes,
    driving_events,
    engagement,
    insights,
    scores,
    social,
    transports,
    usage,
)
from tests.sandbox.simulators.sentiance.files.layout import PERSON, Layout, Row, event_id, of_person
from tests.sandbox.simulators.sentiance.files.source import Source

PREFIX = "OFFLOAD_TYPE_"
GRAMS_PER_METRE = {"car": 0.17, "motorcycle": 0.11, "bus": 0.08, "train": 0.03}


def _trip_carbon(source: Source) -> Iterator[Row]:
    for trip in source.trips():
        grams = round(trip.distance_m * GRAMS_PER_METRE.get(trip.mode, 0.0))
        yield (*of_person(trip.person), event_id(trip), grams)


LAYOUTS = (
    *transports.LAYOUTS,
    *driving_events.LAYOUTS,
    *scores.LAYOUTS,
    *engagement.LAYOUTS,
    *social.LAYOUTS,
    *usage.LAYOUTS,
    *insights.LAYOUTS,
    *crashes.LAYOUTS,
)
# Documented nowhere: it is there only while a fault says so.
UNKNOWN = Layout("trip_carbon", (*PERSON, "event_id", "carbon_g"), _trip_carbon)
BY_NAME = {layout.name: layout for layout in (*LAYOUTS, UNKNOWN)}


def short_name(offload_type: str) -> str:
    """Of "OFFLOAD_TYPE_TRANSPORTS" as of "transports"."""
    return offload_type.removeprefix(PREFIX).lower()
