"""VisionMax's API: events with their assets, reports, uploads, and footage on request.

Times are whole UNIX seconds.
"""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
import msgspec
from pydantic import SecretStr

from telematics import http
from telematics.errors import InvalidRequest, MissingSetting, ProviderBusy
from telematics.http import Patience
from telematics.providers.dashcam import answers, pages, tasks
from telematics.providers.dashcam.answers import Answer, Listing, Page
from telematics.providers.dashcam.api import WHO, Api
from telematics.providers.dashcam.outcomes import ALL
from telematics.providers.dashcam.session import Account, Session
from telematics.providers.dashcam.tasks import Task
from telematics.providers.dashcam.tokens import InProcess, Tokens, shared
from telematics.providers.dashcam.wire import Query, Wire

LONGEST_CLIP_SECONDS = 86_400
LONGEST_NAME = 200
_SECONDS_BELOW = 2**31  # the reference says int32
_SETTINGS = ("paths", "headers", "parameters", "codes")


class Dashcam:
    """The API with one account. Several threads may use it."""

    def __init__(self, session: Session, api: Api) -> None:
        self._session = session
        self._api = api

    def login(self) -> None:
        """Only to see whether the account is good; whatever else is asked logs in by itself."""
        self._session.login()

    def safety_report(self, first: date, last: date, tz: str = "UTC") -> Answer:
        """Of whole days of that time zone, both included."""
        zone = _zone(tz)
        if first > last:
            raise InvalidRequest("the period ends before it begins")
        since = _midnight(first, zone)
        until = _midnight(last + timedelta(days=1), zone) - timedelta(seconds=1)
        query: Query = {"since": _seconds(since), "until": _seconds(until), "tz": tz}
        return self._session.ask("safety_report", query=query)

    def events(self, first: datetime, last: datetime) -> Listing:
        """All events from `first` to `last`, oldest first."""
        since, until = _seconds(first), _seconds(last, up=True)
        if since > until:
            raise InvalidRequest("the period ends before it begins")
        return self._all("events", {"since": since, "until": until, "sort": "time", "order": "ASC"})

    def event(self, uuid: str) -> Page:
        """Its detail: a list of one, or of none."""
        return answers.of_many(self._session.ask("event", place={"uuid": uuid}))

    def assets(self, uuid: str) -> Answer:
        """What can be fetched of it, with links that are good for a short while."""
        return answers.of_one(self._session.ask("assets", place={"uuid": uuid}))

    def manual_uploads(self, *, time_lapse: bool | None = None) -> Listing:
        """With or without those that are time-lapses; None for both."""
        name = self._api.parameters["time_lapse"]
        return self._all(
            "manual_uploads", {} if time_lapse is None else {name: str(time_lapse).lower()}
        )

    def request_clip(
        self,
        device: str,
        camera: str,
        at: datetime,
        *,
        duration: int = 30,
        file_name: str,
        single_event: bool = True,
    ) -> str:
        """The id of the task. `camera` may be ALL; `duration` is in seconds.

        Where nobody answers, ProviderBusy: the request may have been taken all the same.
        """
        _check_clip(camera, duration, file_name)
        answer = self._session.ask(
            "clip",
            place={"device": device},
            body={
                "cam_id": camera,
                "file_name": file_name,
                "target_timestamp": _seconds(at),
                "single_event": single_event,
                "duration_in_seconds": duration,
            },
        )
        return _task_id(answer)

    def task(self, task_id: str) -> Task:
        """How far a request is."""
        return tasks.understood(
            answers.of_one(self._session.ask("task", place={"task_id": task_id}))
        )

    def discard(self, uuid: str) -> None:
        """For good. The score of its trip stays, the driver's own gets better."""
        self._session.ask("discard", place={"uuid": uuid}, bare=True)

    def _all(self, operation: str, query: Query) -> Listing:
        def page(offset: int, limit: int) -> Page:
            asked = {**query, "offset": offset, "limit": limit}
            return answers.of_many(self._session.ask(operation, query=asked))

        return pages.all_of(page)


def _check_clip(camera: str, duration: int, file_name: str) -> None:
    if not (camera.isascii() and camera.replace("_", "a").isalnum()):
        raise InvalidRequest(f"a camera is spelt like C_F, or {ALL} for all of them")
    if not 1 <= duration <= LONGEST_CLIP_SECONDS:
        raise InvalidRequest(f"a clip is from 1 to {LONGEST_CLIP_SECONDS} seconds long")
    is_name = file_name.strip(". ") and file_name.isprintable() and len(file_name) <= LONGEST_NAME
    if not is_name or "/" in file_name or "\\" in file_name:
        raise InvalidRequest("the name of a file is short, can be printed and has no slash")


def _task_id(answer: Answer) -> str:
    try:
        made = msgspec.json.decode(answer.data, type=dict[str, object]).get("task_id")
    except (ValueError, RecursionError):
        made = None
    if isinstance(made, int) and not isinstance(made, bool):
        made = str(made)
    if not (isinstance(made, str) and made.strip()):
        raise ProviderBusy(f"{WHO} took the request, but named no task")
    return made


def _zone(tz: str) -> tzinfo:
    if tz == "UTC":
        return UTC
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidRequest("a time zone is spelt like Europe/Vienna") from None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _seconds(moment: datetime, *, up: bool = False) -> int:
    if moment.tzinfo is None:
        raise InvalidRequest("a time has a time zone")
    found = (math.ceil if up else math.floor)(moment.timestamp())
    if not 0 <= found < _SECONDS_BELOW:
        raise InvalidRequest("a time is between 1970 and 2038")
    return found


def connect(
    fields: Mapping[str, SecretStr],
    *,
    base_url: str,
    tokens: Tokens | None = None,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
) -> Dashcam:
    """With the fields of the secret; its own `base_url`, if it has one, wins over the given."""
    api = Api.configured(**{name: _object(fields, name) for name in _SETTINGS})
    wire = Wire(
        client or http.api(),
        base_url=_address(fields, base_url),
        api=api,
        api_key=fields["api_key"],
        patience=patience,
    )
    account = Account(fields["email"], fields["password"], _fleet_id(fields))
    return Dashcam(Session(wire, account, tokens or InProcess()), api)


def connect_shared(fields: Mapping[str, SecretStr], *, base_url: str) -> Dashcam:
    """With the token that all functions have."""
    return connect(fields, base_url=base_url, tokens=shared(fields, base_url=base_url))


def _text(fields: Mapping[str, SecretStr], name: str) -> str:
    return fields[name].get_secret_value().strip() if name in fields else ""


def _object(fields: Mapping[str, SecretStr], name: str) -> dict[str, str]:
    try:
        return msgspec.json.decode(_text(fields, name) or "{}", type=dict[str, str])
    except ValueError:  # the parser's own text would show a part of it
        raise MissingSetting(f"{WHO}'s {name} is not a JSON object of texts") from None


def _fleet_id(fields: Mapping[str, SecretStr]) -> str:
    text = _text(fields, "fleet_id")
    if text and not (text.isascii() and text.isdigit()):
        raise MissingSetting(f"{WHO}'s fleet_id is not a number")
    return text


def _address(fields: Mapping[str, SecretStr], base_url: str) -> str:
    address = _text(fields, "base_url") or base_url
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:  # its text would show what may hold a key
        raise _no_address() from None
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        raise _no_address()
    return address


def _no_address() -> MissingSetting:
    return MissingSetting(f"{WHO}'s base_url is not one: it looks like https://host")
