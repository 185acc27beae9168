"""The features of a timeline item, in every shape in which they come.

An object by feature, or a list of objects; with the names of the samples, or of the headings of the
same page; a score in an envelope of its own. What is not known here is kept as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct, field

T = TypeVar("T", bound=Struct)
Features = dict[str, object]

TYPE = "@type"
_NAMES: Mapping[str, str] = {
    "start_location": "startLocation",
    "end_location": "endLocation",
    "phone_distractions": "phoneDistractions",
    "driving_behavior_event": "drivingBehaviorEvents",
    "driving_behavior_events": "drivingBehaviorEvents",
    "drivingBehaviorEvent": "drivingBehaviorEvents",
    "gps_stats": "gpsStats",
    "trip_meta": "metas",
    "dangerous_areas": "dangerousAreas",
    "score": "scores",
}


class Place(Struct):
    """WGS 84, degrees."""

    lat: float | None = None
    lon: float | None = None
    name: str | None = None
    time_zone: str | None = field(default=None, name="timeZone")


class Source(Struct):
    """What the item was made from."""

    id: str | None = None
    name: str | None = None


class Transport(Struct):
    """The kind of transport; the probabilities are a rough hint and need not agree with it."""

    type: str | None = None
    probabilities: dict[str, float | None] | None = None


class Distraction(Struct):
    """Somebody used their phone."""

    type: str | None = None
    start: datetime | None = None
    end: datetime | None = None


class PhoneDistractions(Struct):
    """`seconds` per type of distraction."""

    distractions: list[Distraction] = []
    seconds: dict[str, float | None] = field(default={}, name="secondsPerType")


class DrivingEvent(Struct):
    """`time` is a UNIX timestamp in v1_5; v20 has an RFC 3339 `timestamp` instead."""

    time: float | datetime | None = None
    timestamp: datetime | None = None
    type: str | None = None
    strength: Annotated[int, Meta(ge=-(2**62), le=2**62)] | None = None
    lat: float | None = None
    lon: float | None = None
    raw_accel: float | None = field(default=None, name="rawAccel")


class DrivingEvents(Struct):
    """`valid_time` says how many seconds of the trip could be analysed."""

    events: list[DrivingEvent] = []
    valid_time: float | None = field(default=None, name="validTime")


class GpsStats(Struct):
    """The reference gives no units."""

    distance: float | None = None
    max_speed: float | None = field(default=None, name="maxSpeed")
    average_speed: float | None = field(default=None, name="averageSpeed")


class Area(Struct):
    """A dangerous area the item has moved through."""

    id: str | None = None
    name: str | None = None
    lat: float | None = None
    lon: float | None = None
    radius: float | None = None


class Areas(Struct):
    """All of them."""

    areas: list[Area] = []


def by_name(features: object) -> Features:
    """Every feature under the name of the samples, out of an object or out of a list."""
    if features is None:
        return {}
    parts = features if isinstance(features, list) else [features]
    found: Features = {}
    for part in parts:
        if not isinstance(part, dict):
            raise msgspec.ValidationError("features: neither an object nor a list of objects")
        found |= {_NAMES.get(name, name): value for name, value in part.items() if name != TYPE}
    return found


def take(features: Features, name: str, kind: type[T]) -> T:
    """A known feature, empty if absent, taken out; what has no name for us in it stays there."""
    value = features.pop(name, None)
    if value is None:
        return kind()
    if isinstance(value, dict) and (rest := value.keys() - _known(kind)):
        features[name] = {one: value[one] for one in sorted(rest)}
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(f"{name}: {error}") from None


@cache
def _known(kind: type[Struct]) -> frozenset[str]:
    """Names of its members; looking them up takes longer than reading what is in them."""
    return frozenset({TYPE, *(one.encode_name for one in msgspec.structs.fields(kind))})


def take_scores(features: Features, known: Sequence[str]) -> tuple[dict[str, float], object]:
    """Scores by name, and those we have no column for. An absent score is neither 0 nor 100."""
    value = features.pop("scores", None)
    if isinstance(value, dict) and isinstance(value.get("score"), dict):
        value = value["score"]
    if value is None:
        return {}, None
    try:
        scores = msgspec.convert(value, dict[str, float | None], strict=False)
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(f"scores: {error}") from None
    told = {name: score for name, score in scores.items() if score is not None}
    others = {name: score for name, score in told.items() if name not in known}
    return {name: told[name] for name in known if name in told}, others or None
