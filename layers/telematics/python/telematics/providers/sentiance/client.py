"""Sentiance's Cloud API: which offloads there are, and links to their files.

Every call is patient with a busy server. An answer of 200 may hold errors, beside data or instead
of it. The reference names no codes for them, so only what plainly speaks of a passing trouble is
asked again; everything else is a refusal.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, NoReturn, TypeVar

import httpx
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from telematics import http
from telematics.errors import ProviderBusy, ProviderRefused
from telematics.http import Patience
from telematics.redaction import redacted

T = TypeVar("T")

WHO = "Sentiance"
PATH = "/v4/gql"
PREFIX = "OFFLOAD_TYPE_"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TYPE = re.compile(r"[A-Z][A-Z0-9_]*")
_FORMAT = r"^[A-Za-z0-9]+(\.[A-Za-z0-9]+)*$"
_PASSING_CODES = frozenset(
    {
        *("RATE_LIMITED", "RATE_LIMIT_EXCEEDED", "TOO_MANY_REQUESTS", "THROTTLED"),
        *("SERVICE_UNAVAILABLE", "TEMPORARILY_UNAVAILABLE", "INTERNAL_SERVER_ERROR", "TIMEOUT"),
    }
)
_PASSING_WORDS = re.compile(
    r"rate.?limit|too many requests|throttl|temporar|try again|unavailable|timed? ?out", re.I
)
_SCOPE_WORDS = re.compile(r"scope|permission|forbidden|not allowed|unauthori[sz]ed|denied", re.I)

# Word for word as documented, values in their places: nothing says that variables are understood.
_FIELDS = """
      day
      type
      files {
        format
        link {
          expires_at
          url
        }
        name
        size
      }"""
_LIST = f"""query {{
  offloads(from: "%s", to: "%s") {{{_FIELDS}
  }}
}}"""
_LINK = f"""mutation {{
  generate_offload_url(day: "%s", offload_type: %s) {{
    offload {{{_FIELDS}
    }}
  }}
}}"""


def _day(value: object) -> date:
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError("not a day")
    return date.fromisoformat(value)


def _offload_type(value: str) -> str:
    if value == PREFIX or not _TYPE.fullmatch(value):
        raise ValueError("not the name of a type")
    return value


class _Payload(BaseModel):
    """Errors of validation never show the input: it may hold a link."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Link(_Payload):
    """Whoever has it can read the file, until it expires."""

    url: SecretStr | None = None


class File(_Payload):
    """One file of an offload. `name` has no extension; `size` is in bytes."""

    name: str = Field(min_length=1, max_length=200)
    format: str = Field(pattern=_FORMAT, max_length=40)
    size: int | None = Field(default=None, ge=0)
    link: Link | None = None

    @property
    def url(self) -> str:
        """Its link; empty while there is none."""
        return self.link.url.get_secret_value() if self.link and self.link.url else ""


class Offload(_Payload):
    """What there is of one type for one day."""

    day: Annotated[date, BeforeValidator(_day)]
    type: Annotated[str, AfterValidator(_offload_type)]
    files: tuple[File, ...]

    @property
    def dataset(self) -> str:
        return self.type.removeprefix(PREFIX).lower()


@dataclass(frozen=True)
class Offloads:
    """`senseless` counts the offloads and files that could not be understood."""

    offloads: tuple[Offload, ...]
    senseless: int = 0


@dataclass(frozen=True)
class Call:
    """What a call is for, and what its key must be allowed to do."""

    purpose: str
    key_name: str
    scope: str
    key: SecretStr

    def refused(self, message: str, *, hint: str = "") -> ProviderRefused:
        said = f': "{message}"' if message else ""
        return ProviderRefused(f"{WHO} refused to {self.purpose}{said}{hint}")

    @property
    def needs_scope(self) -> str:
        return f" (the {self.key_name} needs the scope {self.scope})"

    @property
    def needs_validity(self) -> str:
        return f" (is the {self.key_name} right, and less than a year old?)"


class Sentiance:
    """The API with two keys: one may list, the other make links."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        base_url: str,
        read_key: SecretStr,
        url_key: SecretStr,
        patience: Patience | None = None,
    ) -> None:
        self._client = client
        self._url = base_url.rstrip("/") + PATH
        self._list = Call("list offloads", "read_key", "OFFLOADS_READ", read_key)
        self._link = Call("make links", "url_key", "OFFLOADS_GENERATE_URL", url_key)
        self._patience = patience or Patience()

    def offloads(self, *, first: date, last: date) -> Offloads:
        query = _LIST % (first.isoformat(), last.isoformat())

        def once() -> Offloads:
            data = asked(self._client, self._url, self._list, query)
            if "offloads" not in data:
                raise ProviderRefused(f"{WHO}'s answer has no data.offloads")
            return understood(data["offloads"] or [])

        return http.patiently(once, self._patience)

    def linked(
        self, day: date, offload_type: str, choose: Callable[[Sequence[File]], File | None]
    ) -> File:
        """The file that `choose` picks among those of a day and type, with a fresh link."""
        query = _LINK % (day.isoformat(), _offload_type(offload_type))

        def once() -> File:
            told = asked(self._client, self._url, self._link, query)
            made = _mapping(told.get("generate_offload_url"))
            files = understood([made.get("offload")]).offloads
            file = choose(files[0].files) if files else None
            if file is None:
                raise ProviderBusy(f"{WHO} named no such file when asked for its link")
            if not file.url:
                raise ProviderBusy(f"{WHO} made no link for {file.name}.{file.format}")
            return file

        return http.patiently(once, self._patience)


def asked(client: httpx.Client, url: str, call: Call, query: str) -> Mapping[str, object]:
    """The data of one GraphQL call."""
    response = sent(client, "POST", url, call, {"query": query, "variables": {}})
    check(response, call)
    body = _json(response)
    if not isinstance(body, dict):
        raise ProviderBusy(f"{WHO} answered with something that is not a JSON object")
    for message, code in _complaints(body):
        _raise(call, message, code)
    return _mapping(body.get("data"))


def sent(
    client: httpx.Client, method: str, url: str, call: Call, body: object = None
) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {call.key.get_secret_value()}",
        "Accept": "application/json",
    }
    return http.send(client, client.build_request(method, url, json=body, headers=headers))


def check(response: httpx.Response, call: Call) -> None:
    """Raises ProviderRefused, with what may be wrong with the key, or ProviderBusy."""
    if response.status_code in (401, 403):
        hint = call.needs_validity if response.status_code == 401 else call.needs_scope
        raise call.refused(_said(response, call), hint=f"{hint}: {response.status_code}")
    if 400 <= response.status_code < 500 and response.status_code not in http.BUSY_STATUSES:
        raise call.refused(_said(response, call), hint=f": {response.status_code}")
    http.check(response, who=WHO)


def understood(items: object) -> Offloads:
    """Offloads one by one and their files one by one: one that makes no sense spoils no other."""
    found, senseless = [], 0
    for item in items if isinstance(items, list) else [items]:
        offload = _mapping(item)
        listed = offload.get("files")
        files = [_valid(File, one) for one in (listed if isinstance(listed, list) else [None])]
        whole = _valid(Offload, {**offload, "files": [file for file in files if file]})
        if whole is None:
            senseless += max(1, len(files))
        else:
            found.append(whole)
            senseless += files.count(None)
    return Offloads(tuple(found), senseless)


_Model = TypeVar("_Model", bound=_Payload)


def _valid(model: type[_Model], item: object) -> _Model | None:
    try:
        return model.model_validate(item)
    except ValidationError:
        return None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _json(response: httpx.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return None


def _complaints(body: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Messages and codes. The reference says `error`, the GraphQL standard `errors`."""
    for member in ("errors", "error"):
        told = body.get(member)
        for one in told if isinstance(told, list) else [told] if told else []:
            error = _mapping(one)
            code = _mapping(error.get("extensions")).get("code") or error.get("code") or ""
            yield str(error.get("message") or (one if isinstance(one, str) else code)), str(code)


def _said(response: httpx.Response, call: Call) -> str:
    body = _mapping(_json(response))
    message = next((message for message, _ in _complaints(body)), str(body.get("message") or ""))
    return redacted(message, call.key.get_secret_value())


def _raise(call: Call, message: str, code: str) -> NoReturn:
    text = redacted(message, call.key.get_secret_value())
    if code.upper() in _PASSING_CODES or _PASSING_WORDS.search(message):
        raise ProviderBusy(f'{WHO} could not {call.purpose}: "{text}"')
    is_about_scope = bool(_SCOPE_WORDS.search(f"{message} {code}"))
    raise call.refused(text, hint=call.needs_scope if is_about_scope else "")
