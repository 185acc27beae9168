"""Who may ask: the API key in each call, and tokens that expire or are exchanged."""

import re

import msgspec
from starlette.requests import Request

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.dashcam import SECRET
from tests.sandbox.simulators.dashcam.asked import BAD_REQUEST, NOT_ALLOWED, Asked, Failed
from tests.sandbox.simulators.dashcam.settings import Settings

FLEETS = ((0, 1001, "Insurer"), (1, 1002, "Insurer, pilot"))
_FLEET_ID = re.compile(rb'name="fleet_id"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]*)\r\n')


class Credentials(msgspec.Struct):
    """The body of a login."""

    email: str
    password: str
    type: str


class Sessions:
    """Tokens and when they expire, by the real clock."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tokens: dict[str, float] = {}
        self._made = 0

    def admit(self, request: Request, *, needs_token: bool) -> str:
        if request.headers.get("x-api-key") != SECRET["api_key"]:
            raise Failed(NOT_ALLOWED, "the API key is missing or wrong")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        expires = self._tokens.get(token, 0) if scheme == "Bearer" else 0
        if needs_token and expires <= self._settings.now():
            raise Failed(NOT_ALLOWED, "the access token is missing, revoked or expired", 401)
        return token

    def login(self, asked: Asked) -> dict[str, object]:
        given = asked.body(Credentials)
        is_right = (given.email, given.password) == (SECRET["email"], SECRET["password"])
        if not is_right or given.type != "email":
            raise Failed(NOT_ALLOWED, "the email or the password is wrong")
        fleets = [{"depth": depth, "id": id_, "name": name} for depth, id_, name in FLEETS]
        return self._answer(self._new(), {"fleets": fleets})

    def switch(self, asked: Asked) -> dict[str, object]:
        """An empty or unknown fleet leaves the token as it is."""
        found = _FLEET_ID.search(asked.content)
        if found is None:
            raise Failed(BAD_REQUEST, "fleet_id is missing, or the body is not multipart")
        fleets = [
            {"depth": depth, "id": id_, "name": name, "current": str(id_).encode() == found[1]}
            for depth, id_, name in FLEETS
        ]
        if not any(fleet["current"] for fleet in fleets):
            return {"data": {"fleets": fleets}}
        del self._tokens[asked.token]
        return self._answer(self._new(), {"fleets": fleets})

    def _new(self) -> str:
        self._made += 1
        now = self._settings.now()
        token = identity(48, self._settings.seed, "token", self._made, now)
        self._tokens[token] = now + self._settings.knobs.token_seconds
        return token

    def _answer(self, token: str, data: dict[str, object]) -> dict[str, object]:
        first, _, second = self._settings.knobs.access_at.partition(".")
        return {"data": data | {second: token}} if second else {"data": data, first: token}
