"""JSON of the provider's as cells of the lake: typed where declared, text otherwise, no links."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from telematics import versions
from telematics.datasets import Column, Kind, lake_name
from telematics.errors import MalformedPayload
from telematics.providers.dashcam import about

# Members that are links, however they are spelt; the picture of a person is one, too.
_LINK_NAMES = ("url", "urls", "uri", "href")
_LINKS = frozenset({"driver_avatar", "images"})
# Also without a scheme, as a page would have it, and with its slashes escaped, as JSON may.
_LINK = re.compile(r"(?:\b[a-z][a-z0-9+.-]*:|(?<![^\s\"'(]))(?:\\?/){2}[^\s\"'<>]+", re.IGNORECASE)
_WIDEST = 2**63


def decoded(content: bytes) -> dict[str, Any]:
    """A JSON object. Raises MalformedPayload, which shows nothing of it."""
    try:
        found = msgspec.json.decode(content)
    except versions.NOT_READABLE:
        raise MalformedPayload("not JSON") from None
    if not isinstance(found, dict):
        raise MalformedPayload("not a JSON object")
    return found


def declared(columns: Sequence[Column], members: Mapping[str, Any]) -> dict[str, Any]:
    """The declared columns. Raises MalformedPayload, which names the member and not its value."""
    return {column.name: cell(column, _at(members, column.source)) for column in columns}


def undeclared(
    members: Mapping[str, Any], *families: Sequence[Column], taken: Sequence[Column] = ()
) -> dict[str, Any]:
    """Members that none of these columns has, as text. `taken` are the columns of the table."""
    names = {column.name for column in taken}
    sources = {column.source for columns in families for column in columns}
    row: dict[str, Any] = {}
    for name, value in _unknown(members, sources, ""):
        text = shown(value)
        if text is not None:
            row[_free(lake_name(name), names | row.keys())] = text
    return row


def cell(column: Column, value: object) -> Any:  # Any: whatever the column holds
    """None for what is missing: null, and the empty text."""
    if value is None or value == "":
        return None
    try:
        match column.kind:
            case Kind.TEXT:
                return shown(value)
            case Kind.INTEGER:
                return _integer(value)
            case Kind.NUMBER:
                return _number(value)
            case Kind.TIMESTAMP:
                return _instant(value, column.per_second)
    except (TypeError, ValueError, OverflowError):
        raise MalformedPayload(f"{column.source}: no {column.kind}") from None


def shown(value: object) -> str | None:
    """As text, links taken out; JSON for what is no text."""
    found = without_links(value)
    if found is None or found in ("", [], {}):
        return None
    return found if isinstance(found, str) else msgspec.json.encode(found).decode()


def set_aside(content: bytes) -> str:
    """What can't be a row, as the quarantine shows it."""
    try:
        return shown(msgspec.json.decode(content)) or ""
    except versions.NOT_READABLE:
        return _LINK.sub("<link>", content.decode(errors="replace"))


def without_links(value: object) -> object:
    if isinstance(value, str):
        return _LINK.sub("<link>", value) if "/" in value else value
    if isinstance(value, list):
        return [without_links(one) for one in value]
    if isinstance(value, dict):
        return {name: without_links(one) for name, one in value.items() if not is_link(name)}
    return value


def is_link(name: str) -> bool:
    return name in _LINKS or name.lower().endswith(_LINK_NAMES)


def text_of(value: object) -> str | None:
    """An identity: a text, or a whole number as its digits."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _at(members: Mapping[str, Any], path: str) -> Any:
    found: Any = members
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _unknown(members: Mapping[str, Any], sources: set[str], path: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in members.items():
        place = f"{path}{name}"
        if place in sources or is_link(name):
            continue
        is_known_inside = any(source.startswith(f"{place}.") for source in sources)
        if is_known_inside and isinstance(value, dict):
            found += _unknown(value, sources, f"{place}.")
        else:
            found.append((place, value))
    return found


def _free(name: str, taken: set[str]) -> str:
    candidate = name
    while candidate in taken:
        candidate = f"provider_{candidate}"
    return candidate


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    found = float(value)
    if not math.isfinite(found):
        raise ValueError
    return found


def _integer(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,19}", value.strip(), re.ASCII):
        value = int(value)
    found = value if isinstance(value, int) and not isinstance(value, bool) else _number(value)
    if found != int(found) or not -_WIDEST <= found < _WIDEST:
        raise ValueError
    return int(found)


def _instant(value: object, per_second: int) -> datetime:
    if isinstance(value, datetime):
        return value
    return about.moment(_number(value) / per_second)
