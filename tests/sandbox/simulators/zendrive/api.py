"""The API: a collision's detail, which is called back, and what is answered at once.

Where the reference is silent: errors are {"error": text}, a wrong key is 401, a question that can't
be one or is older than six months 400. Nobody of that name is accepted, and answered without trips.
A 202 says nothing.
"""

import hmac
from collections.abc import Callable
from datetime import date, timedelta

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.sandbox.simulators.move import answers
from tests.sandbox.simulators.move.answers import Cut
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.sentiance.patience import wait
from tests.sandbox.simulators.trips import Trip
from tests.sandbox.simulators.zendrive import SECRET, callbacks, reads
from tests.sandbox.simulators.zendrive.faults import COLLISION, DELETE, DETAIL, TRIP, Fault
from tests.sandbox.simulators.zendrive.payload import Question
from tests.sandbox.simulators.zendrive.recording import Json
from tests.sandbox.simulators.zendrive.world import World

SERVED_DAYS = 184
SCHEMES = ("APIKEY", "API KEY")  # the samples' and the header table's


class Failed(Exception):
    """The provider says no."""

    def __init__(self, status: int, error: str, **headers: str) -> None:
        super().__init__(error)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def response(self) -> Response:
        answer = answers.json({"error": str(self)}, self.status)
        answer.headers.update(self.headers)
        return answer


class Api:
    """Who may ask, and how it is answered."""

    def __init__(self, world: World) -> None:
        self._world = world
        one = "/v4/driver/{driver}/trip/{trip}"
        collision = "/v3/driver/{driver}/collision/{collision}"
        self.routes = [
            Route("/v1/collision_detail", self.detail, methods=["POST"]),
            self._route(COLLISION, "GET", collision, self.collision),
            self._route(TRIP, "GET", one, self.trip),
            self._route(DELETE, "DELETE", one, self.delete),
        ]

    def _route(self, at: str, method: str, path: str, answer: Callable[[Request], Json]) -> Route:
        async def respond(request: Request) -> Response:
            driver = request.path_params["driver"]
            try:
                await self._admit(request, at, driver)
                told = await run_in_threadpool(answer, request)
            except Failed as no:
                return no.response
            response = answers.json(told)
            if self._strike("cut", at, driver):
                return Cut(response.body, media_type="application/json")
            return response

        return Route(path, respond, methods=[method])

    async def detail(self, request: Request) -> Response:
        driver, day, text = "", "", ""
        try:
            question = self._question(await request.body())
            driver, day, text = question.user_id, f"{question.date}", question.text
            await self._admit(request, DETAIL, driver, text)
            self._check(question)
        except Failed as no:
            self._world.truth.ask(driver=driver, date=day, question=text, status=no.status)
            return no.response
        asked = self._world.truth.ask(driver=driver, date=day, question=text, status=202)
        callbacks.plan(self._world, question, asked)
        if self._strike("cut", DETAIL, driver, text):
            return Cut(b'{"success": true}', media_type="application/json")
        return Response(status_code=202)

    def collision(self, request: Request) -> Json:
        person, number = self._person(request), request.path_params["collision"]
        crash = self._world.drivers.collision(person, _number(number))
        if crash is None:
            raise Failed(404, f"collision_id {number} is not valid")
        return reads.collision(crash)

    def trip(self, request: Request) -> Json:
        trip = self._trip(request)
        fields = request.query_params.get("fields", reads.USUAL_FIELDS).split(",")
        if unknown := set(fields) - set(reads.FIELDS):
            raise Failed(400, f"fields has {', '.join(sorted(unknown))}, which are not known")
        return reads.trip(trip, self._world.drivers.crash_of(trip), fields)

    def delete(self, request: Request) -> Json:
        self._world.drivers.delete(self._trip(request))
        return {"success": True}

    async def _admit(self, request: Request, at: str, driver: str, question: str = "") -> None:
        scheme, _, key = request.headers.get("authorization", "").rpartition(" ")
        if scheme not in SCHEMES or not hmac.compare_digest(key, SECRET["api_key"]):
            raise Failed(401, "the API key is not valid")
        if fault := self._strike("slow", at, driver, question):
            await wait(request.receive, fault.pause_seconds)
        if fault := self._strike("busy", at, driver, question):
            pause = f"{fault.pause_seconds:g}"
            raise Failed(fault.status or 429, "too many requests", Retry_After=pause)
        if fault := self._strike("error", at, driver, question):
            raise Failed(fault.status or 500, "something went wrong")
        if fault := self._strike("refused", at, driver, question):
            raise Failed(fault.status or 400, fault.reason)

    def _strike(self, name: str, at: str, driver: str, question: str = "") -> Fault | None:
        names = callbacks.names_of(self._world.drivers.find(driver), driver)
        return self._world.faults.strike(name, at, *names, question=question)

    def _question(self, content: bytes) -> Question:
        try:
            return msgspec.json.decode(content, type=Question)
        except msgspec.MsgspecError as error:
            raise Failed(400, f"{error}") from None

    def _check(self, question: Question) -> None:
        if not question.user_id or not question.webhook_url.startswith(("http://", "https://")):
            raise Failed(400, "user_id and webhook_url are needed")
        if not str(question.collision_id or 0).isdecimal():
            raise Failed(400, "collision_id is a timestamp in epoch")
        today: date = self._world.drivers.now().date()
        if not today - timedelta(days=SERVED_DAYS) <= question.date <= today:
            raise Failed(400, "date is not within the last 6 months")

    def _person(self, request: Request) -> Person:
        person = self._world.drivers.find(request.path_params["driver"])
        if person is None:
            raise Failed(404, "driver_id is not valid")
        return person

    def _trip(self, request: Request) -> Trip:
        person, number = self._person(request), request.path_params["trip"]
        trip = self._world.drivers.trip(person, _number(number))
        if trip is None:
            raise Failed(404, f"trip_id {number} is not valid")
        return trip


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= 13 else -1
