"""What a request asks for, in the field names of its version; raises Refused where it can't."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from tests.sandbox.simulators.move import SECRET
from tests.sandbox.simulators.move.answers import Refused
from tests.sandbox.simulators.move.features import Version
from tests.sandbox.simulators.move.timeline import Key

MILLISECONDS_FROM = 1e11
MOST_IN_A_BATCH = 1_000
_NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True)
class Asked:
    """One request. `at` names the call."""

    at: str
    version: Version
    query: Mapping[str, str]
    path: Mapping[str, str]
    content: bytes

    @property
    def contract(self) -> str:
        """Of a call of the timeline, which must name the product too."""
        self.check_product(self.query)
        return _text(self.query, self.version.contract)

    @property
    def start(self) -> int:
        return seconds(whole(self.path["start"]))

    def body(self) -> Any:  # Any: whatever JSON it is
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError:
            raise Refused(400, "the body is not JSON") from None

    def account(self) -> tuple[str, Mapping[str, Any]]:  # Any: as above
        """The user that is registered, blocked or deleted, and what else there is in the body."""
        body = self.body()
        if not isinstance(body, dict):
            raise Refused(400, "the body is not an object")
        return _text(body, self.version.contract), body

    def keys(self) -> list[Key]:
        """Of a batch: a list of objects, or one; an object may have one start or a list of them."""
        self.check_product(self.query)
        body = self.body()
        keys = list(self._keys(body if isinstance(body, list) else [body]))
        if len(keys) > MOST_IN_A_BATCH:
            raise Refused(400, f"more than {MOST_IN_A_BATCH} items")
        return keys

    def _keys(self, wanted: list[Any]) -> Iterator[Key]:  # Any: as above
        for one in wanted:
            if not isinstance(one, dict):
                raise Refused(400, "neither an object nor a list of objects")
            self.check_product(one)
            contract, starts = _text(one, self.version.contract), one.get("startTs")
            for start in starts if isinstance(starts, list) else [starts]:
                yield contract, seconds(start)

    def check_product(self, given: Mapping[str, Any]) -> None:  # Any: as above
        name = self.version.product
        if str(given.get(name)) != SECRET["product_id"]:
            raise Refused(400, f"{name} is missing or another's")


def seconds(value: object) -> int:
    """From RFC 3339 or UNIX seconds; a fraction is cut off."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise Refused(400, "neither RFC 3339 nor a UNIX timestamp") from None
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Refused(400, "startTs is missing, or is no time")
    if float(value) >= MILLISECONDS_FROM:
        raise Refused(400, "timestamps are in seconds")
    return int(float(value))


def whole(value: str | int) -> int:
    if not str(value).isdecimal():
        raise Refused(400, "not a whole number")
    return int(value)


def _text(given: Mapping[str, Any], name: str) -> str:  # Any: as above
    value = given.get(name)
    if not isinstance(value, str) or not value or len(value) > 100 or ":" in value:
        raise Refused(400, f"{name} is missing, too long, or has a colon in it")
    return value
