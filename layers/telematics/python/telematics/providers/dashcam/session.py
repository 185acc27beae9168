"""Calls with an access token, which is had by logging in, and again when it is no longer good."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from pydantic import SecretStr

from telematics.errors import ProviderRefused
from telematics.providers.dashcam import answers
from telematics.providers.dashcam.answers import Answer
from telematics.providers.dashcam.api import WHO
from telematics.providers.dashcam.tokens import Tokens
from telematics.providers.dashcam.wire import Body, Query, TokenRefused, Wire


@dataclass(frozen=True)
class Account:
    """Who logs in; with a `fleet_id`, the token is exchanged for one of that fleet."""

    email: SecretStr
    password: SecretStr
    fleet_id: str = ""


class Session:
    """One login for whoever shares the tokens: a new token revokes the one before."""

    def __init__(self, wire: Wire, account: Account, tokens: Tokens) -> None:
        self._wire = wire
        self._account = account
        self._tokens = tokens

    def ask(
        self,
        operation: str,
        *,
        place: Mapping[str, str] | None = None,
        query: Query | None = None,
        body: Body | None = None,
        bare: bool = False,
    ) -> Answer:
        """A token that is refused is renewed once; what is refused then is refused."""

        def once(token: str) -> Answer:
            return self._wire.ask(
                operation, token=token, place=place, query=query, body=body, bare=bare
            )

        token = self._tokens.current() or self._tokens.renewed(None, self.login)
        try:
            return once(token)
        except TokenRefused:
            token = self._tokens.renewed(token, self.login)
        try:
            return once(token)
        except TokenRefused as refused:
            raise refused.refusal from None

    def login(self) -> str:
        """A new token. Where there is none to have, ProviderRefused says what to look at."""
        try:
            answer = self._wire.ask(
                "login",
                body={
                    "email": self._account.email.get_secret_value(),
                    "password": self._account.password.get_secret_value(),
                    "type": "email",
                },
            )
        except ProviderRefused as refusal:
            hint = "are api_key, email and password right?"
            raise ProviderRefused(f"{refusal}: {hint}") from None
        token = answers.token_in(answer.envelope)
        if not token:
            raise ProviderRefused(f"{WHO} answered the login without an access token")
        return self._switched(token) if self._account.fleet_id else token

    def _switched(self, token: str) -> str:
        """The token of the fleet, which revokes the one given."""
        fleet_id = self._account.fleet_id
        try:
            answer = self._wire.ask("switch", token=token, parts={"fleet_id": (None, fleet_id)})
        except ProviderRefused as refusal:
            raise ProviderRefused(f"{refusal}: is fleet_id right?") from None
        # An unknown fleet is no error there: the answer then only lists those that are known.
        fleet = answers.token_in(answer.envelope)
        if not (fleet and fleet != token) and not _is_current(answer, fleet_id):
            raise ProviderRefused(f"{WHO} gave no token of the fleet: is fleet_id right?")
        return fleet or token


class _Fleet(msgspec.Struct):
    id: int | str | None = None
    current: object = None


class _Fleets(msgspec.Struct):
    fleets: list[_Fleet] = []


def _is_current(answer: Answer, fleet_id: str) -> bool:
    try:
        listed = msgspec.json.decode(answer.data, type=_Fleets).fleets
    except (ValueError, RecursionError):
        return False
    return any(str(one.id) == fleet_id and one.current in (True, 1) for one in listed)
