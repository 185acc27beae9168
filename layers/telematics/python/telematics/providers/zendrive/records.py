"""JSON of Zendrive's as cells of the lake: typed and in SI units where declared, text otherwise."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from telematics import versions
from telematics.datasets import Column, Kind, lake_name
from telematics.errors import MalformedPayload
from telematics.providers.zendrive import about
from telematics.providers.zendrive.datasets import OFFSET

# How a member's name ends, and what its unit is in ours.
SCALES: Mapping[str, float] = {
    "_kmph": 1 / 3.6,
    "_km": 1000.0,
    "_miles_per_hour_per_second": 0.44704,
}
NOTHING = ("", "NA", "NULL")
_BOOLEANS = {"true": True, "false": False}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)$", re.ASCII)
_WIDEST = 2**63
_SHORT = 16  # bytes; whatever means "missing" has fewer, unless it is full of blanks
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_elements = msgspec.json.Decoder(list[msgspec.Raw])


def members(content: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Of a JSON object, each as it is spelt. Raises MalformedPayload, which shows nothing of it."""
    try:
        return _members.decode(content)
    except versions.NOT_READABLE:
        raise MalformedPayload("not a JSON object") from None


def optional_members(content: bytes | msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    """None at all, of what means "missing". Raises MalformedPayload."""
    return {} if content is None or is_nothing(content) else members(content)


def elements(content: bytes | msgspec.Raw | None, of: str) -> list[msgspec.Raw]:
    """Of a JSON array. What means "missing" has none. Raises MalformedPayload."""
    if content is None or is_nothing(content):
        return []
    try:
        return _elements.decode(content)
    except versions.NOT_READABLE:
        raise MalformedPayload(f"{of}: not a JSON array") from None


def decoded(content: bytes | msgspec.Raw | None) -> dict[str, Any]:  # Any: JSON of any shape
    """A small JSON object; empty for what means "missing". Raises MalformedPayload."""
    return values(optional_members(content))


def values(found: Mapping[str, msgspec.Raw]) -> dict[str, Any]:
    return {name: value(one) for name, one in found.items()}


def value(content: bytes | msgspec.Raw) -> Any:
    """Raises MalformedPayload."""
    try:
        return msgspec.json.decode(content)
    except versions.NOT_READABLE:
        raise MalformedPayload("not JSON") from None


def is_nothing(content: bytes | msgspec.Raw) -> bool:
    """Null, and what the provider says in its place."""
    return len(memoryview(content)) < _SHORT and value(content) in (None, *NOTHING, {}, [], -1)


def declared(columns: Sequence[Column], found: Mapping[str, Any]) -> dict[str, Any]:
    """The declared columns. Raises MalformedPayload, which names the member and not its value."""
    return {column.name: cell(column, _at(found, column.source)) for column in columns}


def undeclared(found: Mapping[str, Any], known: Iterable[str], taken: Set[str]) -> dict[str, Any]:
    """Members that are not known, as text. `taken` are the names of their table's columns."""
    row: dict[str, Any] = {}
    for path, value in _unknown(found, set(known), ""):
        text = shown(value)
        if text is not None:
            row[free(lake_name(path), taken | row.keys())] = text
    return row


def _unknown(found: Mapping[str, Any], known: set[str], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in found.items():
        place = f"{path}{name}"
        if place in known:
            continue
        if isinstance(value, dict) and any(one.startswith(f"{place}.") for one in known):
            yield from _unknown(value, known, f"{place}.")
        else:
            yield place, value


def free(name: str, taken: Iterable[str]) -> str:
    candidate = name
    while candidate in taken:
        candidate = f"provider_{candidate}"
    return candidate


def cell(column: Column, value: object) -> Any:  # Any: whatever the column holds
    """None for what is missing. Raises MalformedPayload."""
    if is_absent(column, value):
        return None
    is_offset = column.name.endswith(OFFSET)
    found: Any  # as above
    try:
        found = offset_minutes(value) if is_offset else _READERS[column.kind](value)
    except (TypeError, ValueError, OverflowError):
        raise MalformedPayload(f"{column.source}: no {column.kind}") from None
    return found * scale(column.source) if column.kind is Kind.NUMBER else found


def is_absent(column: Column, value: object) -> bool:
    if shown(value.strip() if isinstance(value, str) else value) is None:
        return True
    if not column.missing or isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return float(value) in column.missing
    except ValueError:
        return False


def scale(source: str) -> float:
    """From the provider's unit to ours."""
    return next((one for ending, one in SCALES.items() if source.endswith(ending)), 1.0)


def shown(value: object) -> str | None:
    """As text; JSON for what is no text."""
    if value is None or value in (*NOTHING, {}, []):
        return None
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def text_of(value: object) -> str | None:
    """An identity: a text, or a whole number as its digits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    return None if text in NOTHING or text == "-1" else text


def instant(value: object) -> datetime:
    """A time with its zone, or milliseconds since 1970."""
    if isinstance(value, str) and not _is_number(value):
        found = datetime.fromisoformat(value.strip())
        if found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC)
    milliseconds = _integer(value)
    if not 0 <= milliseconds < about.MILLISECONDS_UNTIL:
        raise ValueError
    return _EPOCH + timedelta(milliseconds=milliseconds)


def offset_minutes(value: object) -> int | None:
    """Of the place, as a time with a zone ends; None where it tells of none."""
    if not isinstance(value, str) or _is_number(value):
        return None
    text = value.strip()
    if text[-1:] in ("Z", "z"):
        return 0
    found = _ZONE.search(text)
    if found is None:
        return None
    minutes = int(found["hours"]) * 60 + int(found["minutes"])
    return -minutes if found["sign"] == "-" else minutes


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*\d+(\.\d*)?\s*", text, re.ASCII) is not None


def _at(found: Mapping[str, Any], path: str) -> Any:
    one: Any = found
    for name in path.split("."):
        one = one.get(name) if isinstance(one, dict) else None
    return one


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    found = float(value)
    if not math.isfinite(found):
        raise ValueError
    return found


def _integer(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,19}\s*", value, re.ASCII):
        value = int(value)
    found = value if isinstance(value, int) and not isinstance(value, bool) else _number(value)
    if found != int(found) or not -_WIDEST <= found < _WIDEST:
        raise ValueError
    return int(found)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _BOOLEANS:
        return _BOOLEANS[value.strip().lower()]
    raise ValueError


_READERS: Mapping[Kind, Callable[[object], Any]] = {
    Kind.TEXT: shown,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.TIMESTAMP: instant,
    Kind.BOOLEAN: _boolean,
}
