"""The API at the lake's default paths, since the vendor's are not known.

Where the reference is silent: a wrong API key, password or parameter is HTTP 200 with `result`
false and a code of the simulator's own; a token that is missing, revoked or expired is HTTP 401
and the same. Events come newest first unless they are asked for in `ASC`.
"""

from collections.abc import Callable
from itertools import count
from typing import TypeAlias
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.dashcam import clips, safety
from tests.sandbox.simulators.dashcam.asked import NOT_ALLOWED, NOT_FOUND, Asked, Failed
from tests.sandbox.simulators.dashcam.clips import Json
from tests.sandbox.simulators.dashcam.events import MANUAL, Event, device_cid
from tests.sandbox.simulators.dashcam.faults import Fault
from tests.sandbox.simulators.dashcam.plans import Wish
from tests.sandbox.simulators.dashcam.sessions import Sessions
from tests.sandbox.simulators.dashcam.world import World
from tests.sandbox.simulators.move import answers
from tests.sandbox.simulators.move.answers import Cut, Refused
from tests.sandbox.simulators.sentiance.patience import wait

Answer: TypeAlias = Callable[[Asked], Json]

LIMIT, ALWAYS = 5, 2**31


class Api:
    """Who may ask, and how it is answered."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions = Sessions(world.settings)
        self._numbers = count(1)
        route, sessions = self._route, self._sessions
        self.routes = [
            route("login", "POST", "/V2/auth", sessions.login),
            route("switch", "POST", "/V2/auth/token", sessions.switch),
            route("safety_report", "GET", "/V2/analytics/safety", self.safety),
            route("events", "GET", "/V2/events", self.events),
            route("manual_uploads", "GET", "/V2/event/manual", self.manual),
            route("event", "GET", "/V2/event/{uuid}", self.event),
            route("assets", "GET", "/V2/event/{uuid}/assets", self.assets),
            route("clip", "POST", "/V2/event/upload/{device}", self.clip),
            route("task", "GET", "/V2/event/taskResult/{task}", self.task),
            route("discard", "POST", "/V2/event/{uuid}/discard", self.discard),
        ]

    def _route(self, at: str, method: str, path: str, answer: Answer) -> Route:
        async def respond(request: Request) -> Response:
            try:
                asked = await self._admit(request, at)
                told = self._spoilt(answer(asked), at, request.url.path)
                response = answers.json(self.envelope("S00000", "", told))
            except Failed as no:
                return answers.json(self.envelope(no.code, str(no), {}), no.status)
            except Refused as refused:
                return refused.response
            if self._strike("cut", at, request):
                return Cut(response.body, media_type="application/json")
            return response

        return Route(path, respond, methods=[method])

    async def _admit(self, request: Request, at: str) -> Asked:
        content, base = await request.body(), str(request.base_url)
        for name, status in (("busy", 429), ("error", 500)):
            if fault := self._strike(name, at, request):
                pause = f"{fault.seconds:g}"
                raise Refused(fault.status or status, "try again", Retry_After=pause)
        token = self._sessions.admit(request, needs_token=at != "login")
        if self._strike("expired_token", at, request):
            raise Failed(NOT_ALLOWED, "the access token has expired", 401)
        if fault := self._strike("slow", at, request):
            await wait(request.receive, fault.seconds)
        if fault := self._strike("failure", at, request):
            raise Failed(fault.code, "something went wrong")
        link = self._world.downloads.link
        return Asked(
            request.path_params, request.query_params, content, token, lambda f: link(base, f)
        )

    def safety(self, asked: Asked) -> Json:
        since, until = asked.whole("since"), asked.whole("until")
        events = [one for one in self._between(since, until) if one.type != MANUAL]
        drives = list(self._world.fleet.drives(since, until))
        return safety.report(events, drives, asked.query.get("tz", "UTC"))

    def events(self, asked: Asked) -> Json:
        asked.choice("sort", ("time",))
        types, devices = asked.names("type"), asked.names("device_cids")
        found = [
            event
            for event in self._between(asked.whole("since"), asked.whole("until"))
            if event.type != MANUAL
            and (not types or str(event.type) in types)
            and (not devices or device_cid(event.person) in devices)
            and is_about(event, asked.query.get("keyword", ""))
        ]
        return self._page(asked, found, self._world.teller.listed)

    def manual(self, asked: Asked) -> Json:
        """The period may be left out: then it is all that has not expired."""
        only = asked.choice("time_lapse", ("", "true", "false"))
        kept_s = self._world.settings.knobs.expiry_days * 86_400
        since = asked.whole("since", int(self._world.clock.now() - kept_s))
        until = asked.whole("until", ALWAYS)
        found = [
            event
            for event in self._between(since, until)
            if event.type == MANUAL and only in ("", str(event.is_time_lapse).lower())
        ]
        return self._page(asked, found, lambda one: self._world.teller.manual(one, asked.link))

    def event(self, asked: Asked) -> Json:
        return {"data": [self._world.teller.detail(self._one(asked))]}

    def assets(self, asked: Asked) -> Json:
        return {"data": self._world.teller.assets(self._one(asked), asked.link)}

    def clip(self, asked: Asked) -> Json:
        wish, person = asked.body(Wish), self._world.fleet.owner(asked.path["device"])
        if person is None:
            raise Failed(NOT_FOUND, "there is no such device")
        task = self._world.tasks.ask(asked.path["device"], wish)
        self._world.fleet.add_clip(task, person)
        self._world.tell_task(task)
        return {"data": {"task_id": task.id}}

    def task(self, asked: Asked) -> Json:
        world, task = self._world, self._world.tasks.all.get(asked.path["task"])
        if task is None:
            raise Failed(NOT_FOUND, "there is no such task")
        person, days = world.fleet.owner(task.device), world.settings.knobs.expiry_days
        now = world.clock.now()
        return {"data": clips.result(task, person, now=now, days=days, link=asked.link)}

    def discard(self, asked: Asked) -> Json:
        self._world.fleet.discard(self._one(asked))
        return {}

    def _between(self, since: int, until: int) -> list[Event]:
        found = self._world.fleet.between(since, until)
        return sorted(found, key=lambda event: (event.timestamp, event.uuid))

    def _one(self, asked: Asked) -> Event:
        event = self._world.fleet.find(asked.path["uuid"])
        if event is None:
            raise Failed(NOT_FOUND, "there is no such event")
        return event

    def _page(self, asked: Asked, found: list[Event], tell: Callable[[Event], Json]) -> Json:
        if asked.choice("order", ("DESC", "ASC")) == "DESC":
            found.reverse()
        offset = asked.whole("offset", 0)
        shown = found[offset : offset + asked.whole("limit", LIMIT)]
        return {"count": len(found), "data": [tell(event) for event in shown]}

    def _spoilt(self, told: Json, at: str, path: str) -> Json:
        """Where a test wants it so."""
        data = told.get("data")
        record = data[0] if isinstance(data, list) and data else data
        if not isinstance(record, dict):
            return told
        if fault := self._world.faults.strike("wrong_type", at, path):
            usual = "timestamp" if "timestamp" in record else next(iter(record), "")
            record[fault.field or usual] = {"not": "documented"}
        if self._world.faults.strike("no_task_state", at, path):
            record.pop("task_state", None)
        return told

    def _strike(self, name: str, at: str, request: Request) -> Fault | None:
        return self._world.faults.strike(name, at, request.url.path)

    def envelope(self, code: str, message: str, told: Json) -> Json:
        name = identity(32, self._world.settings.seed, "answer", next(self._numbers))
        return {
            "uq": str(UUID(name, version=4)),
            "doc_version": "latest",
            "result": code == "S00000",
            "code": code,
            "message": message,
            "build": "sandbox",
            **told,
        }


def is_about(event: Event, keyword: str) -> bool:
    return keyword in event.person.user_id or keyword in clips.name_of(event.person)
