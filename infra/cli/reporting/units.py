"""Numbers and times as people read them."""

from datetime import UTC, datetime, timedelta, timezone

from telematics.catalog import PROVIDERS

KMH_PER_MPS = 3.6
UNKNOWN = "\N{EN DASH}"


def kmh(speed_mps: float | None) -> str:
    return UNKNOWN if speed_mps is None else f"{speed_mps * KMH_PER_MPS:.0f} km/h"


def g(force: float | None) -> str:
    return UNKNOWN if force is None else f"{force:.1f} g"


def share(value: float | None) -> str:
    """0 to 1 as per cent."""
    return UNKNOWN if value is None else f"{value * 100:.0f} %"


def length(metres: float | None) -> str:
    if metres is None:
        return UNKNOWN
    return f"{metres / 1_000:.1f} km" if metres >= 1_000 else f"{metres:.0f} m"


def lasting(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def place(latitude: float | None, longitude: float | None) -> str:
    if latitude is None or longitude is None:
        return UNKNOWN
    return f"{latitude:.5f}, {longitude:.5f}"


def when(moment: datetime | None, offset_minutes: int | None = None) -> str:
    """UTC, and the clock of the place behind it."""
    if moment is None:
        return UNKNOWN
    spelt = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if offset_minutes is None:
        return spelt
    there = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    return f"{spelt} ({there:%H:%M:%S} local, UTC{there:%z})"


def clock(moment: datetime, offset_minutes: int | None = None) -> str:
    """The same without its day, for what is all of one hour."""
    spelt = f"{moment.astimezone(UTC):%H:%M:%S}"
    if offset_minutes is None:
        return spelt
    there = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    return f"{spelt} ({there:%H:%M:%S})"


def provider_name(provider: str) -> str:
    known = PROVIDERS.get(provider)
    return known.title if known else provider
