"""Moments as text: one spelling in tables, metadata and identities."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """UTC with three digits and a Z: such texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
