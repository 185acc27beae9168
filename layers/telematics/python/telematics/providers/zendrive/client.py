"""Zendrive's API: a collision's detail, which is called back; one collision or trip, at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import msgspec
from pydantic import SecretStr

from telematics import http
from telematics.errors import InvalidRequest, MissingSetting, ProviderBusy
from telematics.http import Patience
from telematics.providers.zendrive.api import COLLISION, DETAIL, TRIP, TRIP_FIELDS, WHO, Route
from telematics.providers.zendrive.wire import Wire

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_SHORTEST_PRIVATE = 4  # shorter ones would take words apart, and tell nobody anything


@dataclass(frozen=True)
class Answer:
    """A JSON object, byte for byte as it came. `asked` names the call."""

    asked: str
    body: bytes = field(repr=False)


class Zendrive:
    """The API with the key of one customer. Several threads may use it."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        base_url: str,
        api_key: SecretStr,
        patience: Patience | None = None,
    ) -> None:
        self._wire = Wire(client, base_url=base_url, api_key=api_key, patience=patience)

    def ask_collision(
        self,
        driver: str,
        day: date,
        webhook_url: str,
        *,
        at: datetime | None = None,
        latitude: float | None = None,
        longitude: float | None = None,
    ) -> None:
        """Of `day`, UTC, and those beside it; returns when the request is accepted.

        With a time and a place the provider finds the right one of several impacts. Asking again
        is harmless: it only means another answer.
        """
        if (latitude is None) != (longitude is None):
            raise InvalidRequest("a place has a latitude and a longitude")
        about: dict[str, object] = {}
        if at is not None:
            about["collision_id"] = epoch_ms(at)
        if latitude is not None:
            about |= {"latitude": latitude, "longitude": longitude}
        self._wire.ask(
            DETAIL,
            body={
                "user_id": driver,
                "date": day.isoformat(),
                "webhook_url": webhook_url,
                **about,
            },
            private=[
                *(driver, *_parts(webhook_url)),
                *(text for text in map(str, about.values()) if len(text) >= _SHORTEST_PRIVATE),
            ],
        )

    def collision(self, driver: str, collision_id: str) -> Answer:
        return self._read(COLLISION, place={"driver": driver, "collision": collision_id})

    def trip(self, driver: str, trip_id: str) -> Answer:
        """With all that the API tells of one."""
        return self._read(
            TRIP,
            place={"driver": driver, "trip": trip_id},
            query={"fields": ",".join(TRIP_FIELDS)},
        )

    def _read(
        self, route: Route, *, place: Mapping[str, str], query: Mapping[str, str] | None = None
    ) -> Answer:
        body = self._wire.ask(route, place=place, query=query)
        try:
            msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        except (ValueError, RecursionError):
            raise ProviderBusy(f"{WHO} answered no JSON object to {route.name}") from None
        return Answer(route.name, body)


def epoch_ms(moment: datetime) -> str:
    """As the API names collisions and trips."""
    return str((moment - _EPOCH) // timedelta(milliseconds=1))


def connect(
    fields: Mapping[str, SecretStr],
    *,
    base_url: str,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
) -> Zendrive:
    """With the fields of the secret; its own `base_url`, if it has one, wins over the given."""
    return Zendrive(
        client or http.api(),
        base_url=_address(fields, base_url),
        api_key=fields["api_key"],
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


def _parts(webhook_url: str) -> Iterator[str]:
    """The address, and the last of its path, which is a token."""
    yield webhook_url
    if token := urlsplit(webhook_url).path.rpartition("/")[2]:
        yield token
