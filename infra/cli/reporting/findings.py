"""What the lake tells of a crash; the fields are the columns of the questions in sql/."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Impact:
    """A crash as one provider tells of it. `g_force` in g, `confidence` 0 to 1."""

    provider: str
    collision_id: str | None
    trip_id: str | None
    time: datetime
    utc_offset_minutes: int | None
    latitude: float | None
    longitude: float | None
    speed_mps: float | None
    g_force: float | None
    heading_degrees: float | None
    confidence: float | None
    provider_confidence: str | None
    severity: str | None
    airbag_deployed: bool | None
    raw_key: str | None


@dataclass(frozen=True)
class Trip:
    """A drive as one provider tells of it."""

    provider: str
    trip_id: str
    start_time: datetime
    end_time: datetime
    utc_offset_minutes: int | None
    mode: str | None
    role: str | None
    distance_m: float | None
    duration_s: float | None
    max_speed_mps: float | None
    raw_key: str | None


@dataclass(frozen=True)
class Point:
    time: datetime
    latitude: float
    longitude: float
    speed_mps: float | None
    speed_limit_mps: float | None


@dataclass(frozen=True)
class Sample:
    """How a phone was shaken, gravity apart."""

    time: datetime
    acceleration_g: float


@dataclass(frozen=True)
class Happening:
    """An event of a drive. `severity` is 0 to 1."""

    provider: str
    trip_id: str | None
    time: datetime
    end_time: datetime | None
    kind: str
    provider_kind: str | None
    severity: float | None
    speed_mps: float | None
    speed_limit_mps: float | None
    raw_key: str | None


@dataclass(frozen=True)
class Score:
    """Of a trip, or of somebody at a time; 1 is best."""

    provider: str
    subject: str
    trip_id: str | None
    time: datetime | None
    kind: str
    provider_kind: str | None
    score: float


@dataclass(frozen=True)
class Clip:
    """A file of footage, or why there is none. `origin` is an event or a request."""

    provider: str
    clip_id: str
    origin: str
    device_id: str | None
    camera: str | None
    recorded_at: datetime | None
    duration_s: float | None
    requested_at: datetime | None
    requester: str | None
    reason: str | None
    outcome: str | None
    outcome_reason: str | None
    media_key: str | None
    sha256: str | None
    missing_because: str | None
    raw_key: str | None


@dataclass(frozen=True)
class Heartbeat:
    """How an app stood on a day: G is healthy, O partly, R not."""

    day: str
    platform: str | None
    overall: str | None
    setup: str | None
    location_permissions: str | None
    location_service: str | None
    activity_permissions: str | None
    background_restrictions: str | None
    precise_location: str | None
    battery_optimization: str | None


@dataclass(frozen=True)
class Device:
    """What recorded, as its provider names it."""

    provider: str
    kind: str | None
    device: str | None
    more: str | None


@dataclass(frozen=True)
class Authentication:
    day: str
    authenticated: bool | None


def before(points: Sequence[Point], moment: datetime) -> Point | None:
    """The last that tells a speed, not later than the moment."""
    known = (one for one in points if one.time <= moment and one.speed_mps is not None)
    return max(known, key=lambda one: one.time, default=None)
