"""What a column means, in a few words: by how it is declared, or by who adds it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from telematics.datasets import Column

OURS: Mapping[str, str] = {
    "provider_user_id": "you, as the provider calls you",
    "day": "the day that the row belongs to",
    "raw_key": "the file of the provider that the row was read from",
    "loaded_at": "when the row was stored here",
    "fetched_at": "when the provider was asked for it",
    "digest": "a check sum of what was told",
}
OF_USERS: Mapping[str, str] = {
    "user_id": "you, as we call you",
    "provider": "whose name for you the next column has",
    "status": "whether data of yours is kept",
    "since": "since when that is so",
    "updated_at": "when the row was written",
}
KINDS: Mapping[str, str] = {
    "text": "text",
    "integer": "whole number",
    "number": "number",
    "timestamp": "time, UTC",
    "boolean": "yes or no",
}
UNITS: Mapping[str, str] = {
    "m": "metres",
    "s": "seconds",
    "ms": "milliseconds",
    "mps": "metres per second",
    "mps2": "metres per second, per second",
    "kph": "kilometres per hour",
    "km": "kilometres",
    "minutes": "minutes",
    "degrees": "degrees",
    "lat": "degrees of latitude",
    "lon": "degrees of longitude",
    "latitude": "degrees of latitude",
    "longitude": "degrees of longitude",
}
UNDECLARED = "text, as the provider sent it"


def of(table: str, column: str) -> str:
    from telematics import tables

    if table == tables.USERS and column in OF_USERS:
        return OF_USERS[column]
    if column in OURS:
        return OURS[column]
    declared = {one.name: one for one in tables.declared().get(table, ())}
    return _told(declared[column]) if column in declared else UNDECLARED


def _told(column: "Column") -> str:
    words = [KINDS[str(column.kind)]]
    unit = UNITS.get(column.name.rpartition("_")[2])
    if unit and column.kind in ("number", "integer"):
        words.append(f"in {unit}")
    if column.source != column.name:
        words.append(f"called {column.source} by the provider")
    return ", ".join(words)
