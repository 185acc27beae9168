"""MiTAC VisionMax's API as data: which call goes where, under which headers and parameters.

The vendor's public pages leave most of it out. What stands here are documented defaults; the
fields `paths`, `headers`, `parameters` and `codes` of the secret say otherwise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import quote

from telematics.errors import InvalidRequest, MissingSetting

WHO = "MiTAC VisionMax"

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SPELT = re.compile(rf"(?:(?P<method>{'|'.join(_METHODS)}) +)?(?P<path>/[!-~]*)")
_BLANK = re.compile(r"\{(\w*)\}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_WORD = re.compile(r"[A-Za-z0-9_.\[\]-]+")


@dataclass(frozen=True)
class Route:
    """`{uuid}` and its like are filled in. `repeatable`: doing it twice is as doing it once."""

    method: str
    path: str
    repeatable: bool = True

    def filled(self, place: Mapping[str, str]) -> str:
        """The path of one thing. Raises InvalidRequest for what would lead somewhere else."""
        for name, value in place.items():
            if not value.strip(". ") or not value.isprintable():
                raise InvalidRequest(f"the {name} is empty or can't stand in a path")
        return _BLANK.sub(lambda blank: quote(place[blank[1]], safe=""), self.path)

    def spelt(self, text: str) -> Self:
        """The same call elsewhere: `/V2/x/{uuid}`, or `PUT /V2/x/{uuid}`."""
        found = _SPELT.fullmatch(text.strip())
        if found is None or "#" in text:
            raise MissingSetting("a path begins with a slash, or with a method and a blank")
        wanted = sorted(set(_BLANK.findall(self.path)))
        if sorted(set(_BLANK.findall(text))) != wanted or re.search(r"[{}]", _BLANK.sub("", text)):
            named = " and ".join(f"{{{name}}}" for name in wanted) or "nothing in braces"
            raise MissingSetting(f"its path has {named}")
        return replace(self, method=found["method"] or self.method, path=found["path"])


ROUTES: Mapping[str, Route] = {
    "login": Route("POST", "/V2/auth"),
    "switch": Route("POST", "/V2/auth/token"),
    "safety_report": Route("GET", "/V2/analytics/safety"),
    "events": Route("GET", "/V2/events"),
    "event": Route("GET", "/V2/event/{uuid}"),
    "assets": Route("GET", "/V2/event/{uuid}/assets"),
    "manual_uploads": Route("GET", "/V2/event/manual"),
    "clip": Route("POST", "/V2/event/upload/{device}", repeatable=False),
    "task": Route("GET", "/V2/event/taskResult/{task_id}"),
    "discard": Route("POST", "/V2/event/{uuid}/discard"),
}
HEADERS: Mapping[str, str] = {
    "api_key": "x-api-key",
    "token": "Authorization",
    "token_prefix": "Bearer ",
}
PARAMETERS: Mapping[str, str] = {"time_lapse": "time_lapse"}
# HTTP statuses and codes of the envelope: those that mean that the token is no longer good, and
# those that pass. The vendor lists none.
CODES: Mapping[str, str] = {"token": "401,403", "busy": ""}


@dataclass(frozen=True)
class Api:
    """The defaults, and what is configured otherwise."""

    routes: Mapping[str, Route] = field(default_factory=lambda: ROUTES)
    headers: Mapping[str, str] = field(default_factory=lambda: HEADERS)
    parameters: Mapping[str, str] = field(default_factory=lambda: PARAMETERS)
    codes: Mapping[str, str] = field(default_factory=lambda: CODES)

    @classmethod
    def configured(
        cls,
        *,
        paths: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        codes: Mapping[str, str] | None = None,
    ) -> Self:
        """Raises MissingSetting for names that nobody knows and values that can't be."""
        return cls(
            routes={**ROUTES, **_paths(_known("paths", paths or {}, ROUTES))},
            headers={**HEADERS, **_headers(_known("headers", headers or {}, HEADERS))},
            parameters={**PARAMETERS, **_words(_known("parameters", parameters or {}, PARAMETERS))},
            codes={**CODES, **_known("codes", codes or {}, CODES)},
        )

    def means(self, name: str, status_or_code: str) -> bool:
        """Whether a status or code stands under this name in `codes`."""
        return status_or_code in {one.strip() for one in self.codes[name].split(",") if one.strip()}

    def signed_in(self, api_key: str, token: str | None) -> dict[str, str]:
        """The headers of a call."""
        keyed = {self.headers["api_key"]: api_key}
        prefixed = {self.headers["token"]: self.headers["token_prefix"] + (token or "")}
        return keyed | (prefixed if token else {})


def _known(
    setting: str, given: Mapping[str, str], defaults: Mapping[str, object]
) -> Mapping[str, str]:
    if not given.keys() <= defaults.keys():
        known = ", ".join(defaults)
        raise MissingSetting(f"{WHO}'s {setting} has a name that is none of: {known}")
    return given


def _paths(given: Mapping[str, str]) -> Mapping[str, Route]:
    found = {}
    for name, text in given.items():
        try:
            found[name] = ROUTES[name].spelt(text)
        except MissingSetting as error:
            raise MissingSetting(f"{WHO}'s path {name} is not usable: {error}") from None
    return found


def _headers(given: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in given.items():
        is_fine = value.isascii() and value.isprintable()
        if not (is_fine if name == "token_prefix" else _HEADER_NAME.fullmatch(value)):
            raise MissingSetting(f"{WHO}'s header {name} can't stand in a request")
    return given


def _words(given: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in given.items():
        if not _WORD.fullmatch(value):
            raise MissingSetting(f"{WHO}'s parameter {name} can't stand in a query")
    return given
