"""Dolphin MOVE's API: timeline items one by one, by period and in batches, points, labels, people.

Times in paths and periods are whole UNIX seconds, fractions cut off.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import httpx
import msgspec
from pydantic import SecretStr

from telematics import http
from telematics.errors import (
    InvalidRequest,
    MissingSetting,
    ProviderBusy,
    ProviderRefused,
    TelematicsError,
)
from telematics.http import Patience
from telematics.providers.move import answers
from telematics.providers.move.answers import WHO, Answer, Answers
from telematics.providers.move.api import V1_5, VERSIONS, Api
from telematics.providers.move.batches import SHAPES, Shape, as_list, number_if_one
from telematics.providers.move.trip_id import TripId, seconds
from telematics.providers.move.wire import (
    BatchForbidden,
    BatchRefused,
    KeysRefused,
    Wire,
    check_batch,
    in_range,
)

T = TypeVar("T")

MOST_ITEMS = 10_000  # that a list may be asked for
MOST_LISTS = 200  # for one period: a server that always answers in full would never end
BATCH_SIZE = 100
LARGEST_BATCH = 1000


@dataclass(frozen=True)
class Tokens:
    """What the SDK on a person's phone begins with. `audience` is the name of our key."""

    access: SecretStr
    refresh: SecretStr
    audience: str = ""


class _Registered(msgspec.Struct, frozen=True):
    access: str = msgspec.field(name="accessToken")
    refresh: str = msgspec.field(name="refreshToken")
    audience: str | None = None


class Move:
    """The API with the key of one product. Several threads may use it."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        base_url: str,
        product_id: str,
        api_key: SecretStr,
        api: Api = V1_5,
        batch_shape: Shape = as_list,
        batch_size: int = BATCH_SIZE,
        patience: Patience | None = None,
    ) -> None:
        self.product_id = product_id
        self.api_version = api.version
        self.batch_size = batch_size
        self._api = api
        self._wire = Wire(
            client, base_url=base_url, product_id=product_id, api_key=api_key, patience=patience
        )
        self._shape = batch_shape
        self._takes_batches = True

    def item(self, trip: TripId) -> Answer:
        return self._wire.ask(
            self._api.item,
            lambda body: answers.of_one("item", body),
            place={"start": in_range(trip.seconds)},
            query=self._person(trip.product, trip.contract),
        )

    def points(self, trip: TripId) -> Answer:
        """Its way; only drives and rides have one."""
        return self._wire.ask(
            self._api.points,
            lambda body: answers.of_points("points", body),
            place={"start": in_range(trip.seconds)},
            query={**self._person(trip.product, trip.contract), "withWayPointInfo": "true"},
        )

    def label(self, trip: TripId, label: str) -> Answer:
        """Change its type; the answer is the item as it is now."""
        if not (label.isascii() and label.replace("_", "a").isalnum()):
            raise InvalidRequest("a label has letters, digits and underscores")
        return self._wire.ask(
            self._api.label,
            lambda body: answers.of_one("label", body),
            place={"start": in_range(trip.seconds), "label": label},
            query=self._person(trip.product, trip.contract),
        )

    def listed(self, contract: str, *, first: datetime, last: datetime, limit: int) -> Answer:
        """One list, as it comes: where there are more items than `limit`, some are missing."""
        return self._list(contract, *_period(first, last), limit)

    def items(
        self, contract: str, *, first: datetime, last: datetime, limit: int = MOST_ITEMS
    ) -> Answers:
        """All of a person's items that overlap the time from `first` to `last`.

        There is no cursor, and a full answer may lack any of the items: the reference says neither
        which ones are cut nor in which order they come, and the vendor's samples contradict each
        other. So a period with a full answer is asked for again as two halves, whatever came. They
        share their edge: what straddles it is told twice, and kept once.
        """
        periods = [_period(first, last)]
        found: list[Answer] = []
        for _ in range(MOST_LISTS):
            begin, end = periods.pop()
            answer = self._list(contract, begin, end, limit)
            if answer.elements < limit:
                found.append(answer)
            elif end - begin > 1:
                middle = (begin + end) // 2
                periods += [(middle, end), (begin, middle)]
            else:
                raise ProviderRefused(f"{WHO} has {limit} items or more within one second")
            if not periods:
                return Answers(tuple(found))
        raise ProviderRefused(f"{WHO} still answered in full after {MOST_LISTS} lists")

    def batch(self, trips: Sequence[TripId]) -> Answers:
        """What there is of these trips, in any order; what is missing is for the caller to see.

        Where the server does not take the batch, they are asked for one by one, as documented.
        """
        wanted = list(dict.fromkeys(trips))
        parts = [
            self._some(wanted[begin : begin + self.batch_size])
            for begin in range(0, len(wanted), self.batch_size)
        ]
        return Answers(
            tuple(answer for part in parts for answer in part.answers),
            {trip: error for part in parts for trip, error in part.refused.items()},
        )

    def register(self, contract: str, *, installation: str = "") -> Tokens:
        """New tokens, for somebody known or new."""
        body = self._body(contract, named=self._api.register.names_product)
        if installation:
            body["installationId"] = installation
        return self._wire.ask(self._api.register, _tokens, body=body)

    def delete(self, contract: str) -> None:
        """The person with all their data, for good."""
        body = self._body(contract, named=self._api.delete.names_product)
        self._wire.ask(self._api.delete, _nothing, body=body)

    def block(self, contract: str, *, blocked: bool) -> None:
        """While blocked, all requests of this person are answered with 403."""
        body = self._body(contract, named=self._api.block.names_product)
        self._wire.ask(self._api.block, _nothing, body={**body, "block": blocked})

    def _list(self, contract: str, begin: int, end: int, limit: int) -> Answer:
        return self._wire.ask(
            self._api.items,
            lambda body: answers.of_many("items", body),
            query={
                **self._person(self.product_id, contract),
                "from": begin,
                "to": end,
                "limit": limit,
            },
        )

    def _some(self, trips: Sequence[TripId]) -> Answers:
        if not self._takes_batches:
            return self._one_by_one(trips)
        try:
            found = Answers(tuple(self._batches(trips)))
        except BatchForbidden:
            return self._one_by_one(trips)
        except BatchRefused:
            return self._without_batches(trips)
        # A server that finds nothing, but the first of them when asked for it alone, has taken the
        # batch for something else.
        if not found.items and self._one_by_one(trips[:1]).answers:
            return self._without_batches(trips)
        return found

    def _without_batches(self, trips: Sequence[TripId]) -> Answers:
        """From now on, if anything is found: where nothing is there, nothing shows the reason."""
        found = self._one_by_one(trips)
        self._takes_batches = not found.answers
        return found

    def _batches(self, trips: Sequence[TripId]) -> Iterator[Answer]:
        for question in self._shape(trips, self._api):
            yield self._wire.ask(
                self._api.batch,
                lambda body: answers.of_many("batch", body),
                query={self._api.product: self.product_id},
                body=question,
                check=check_batch,
            )

    def _one_by_one(self, trips: Sequence[TripId]) -> Answers:
        found: list[Answer] = []
        refused: dict[TripId, TelematicsError] = {}
        for trip in trips:
            try:
                found.append(self.item(trip))
            except KeysRefused:
                raise
            except (ProviderRefused, InvalidRequest) as error:
                refused[trip] = error
        return Answers(tuple(found), refused)

    def _person(self, product: str, contract: str) -> dict[str, str | int]:
        return {self._api.product: product, self._api.contract: contract}

    def _body(self, contract: str, *, named: bool) -> dict[str, object]:
        product = {self._api.product: number_if_one(self.product_id)} if named else {}
        return {**product, self._api.contract: contract}


def _period(first: datetime, last: datetime) -> tuple[int, int]:
    if first > last:
        raise InvalidRequest("the period ends before it begins")
    return in_range(seconds(first)), in_range(seconds(last))


def _nothing(body: bytes) -> None:
    """What these calls answer is not documented."""


def _tokens(body: bytes) -> Tokens:
    try:
        made = msgspec.json.decode(body, type=_Registered)
    except (ValueError, RecursionError):  # the parser's own text would show a part of it
        raise ProviderBusy(f"{WHO}'s answer holds no tokens") from None
    return Tokens(SecretStr(made.access), SecretStr(made.refresh), made.audience or "")


def connect(
    fields: Mapping[str, SecretStr],
    *,
    base_url: str,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
) -> Move:
    """With the fields of MOVE's secret; its own `base_url`, if it has one, wins over the given."""
    return Move(
        client or http.api(),
        base_url=_address(fields, base_url),
        product_id=fields["product_id"].get_secret_value(),
        api_key=fields["api_key"],
        api=_chosen(fields, "api_version", VERSIONS),
        batch_shape=_chosen(fields, "batch_shape", SHAPES),
        batch_size=_batch_size(fields),
        patience=patience,
    )


def _address(fields: Mapping[str, SecretStr], base_url: str) -> str:
    address = fields["base_url"].get_secret_value() if "base_url" in fields else base_url
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:  # its text would show what may hold a key
        raise _no_address() from None
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        raise _no_address()
    return address


def _no_address() -> MissingSetting:
    return MissingSetting(f"{WHO}'s base_url is not one: it looks like https://host")


def _chosen(fields: Mapping[str, SecretStr], name: str, allowed: Mapping[str, T]) -> T:
    """What the field names; the first that is allowed when it names none."""
    value = fields[name].get_secret_value() if name in fields else next(iter(allowed))
    if value not in allowed:
        raise MissingSetting(f"{WHO}'s {name} is not one of {', '.join(allowed)}")
    return allowed[value]


def _batch_size(fields: Mapping[str, SecretStr]) -> int:
    if "batch_size" not in fields:
        return BATCH_SIZE
    text = fields["batch_size"].get_secret_value()
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
    if not 1 <= size <= LARGEST_BATCH:
        raise MissingSetting(f"{WHO}'s batch_size is not a number from 1 to {LARGEST_BATCH}")
    return size
