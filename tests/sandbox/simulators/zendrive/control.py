"""The simulator's own routes, which the provider doesn't have: they ask for no key.

GET  /_simulator             who is simulated; also at /
...  /_simulator/faults      see ../faults.py and faults.py
...  /_simulator/notify      see notifier.py
POST /_simulator/crash       {"driver", "at"?: UNIX seconds, "severity"?: "LOW", ...}: now, or
                             then; the same as the dashcam's at the same moment
POST /_simulator/settings    see settings.py: any of the knobs
GET  /_simulator/drivers     {"driver-0001": driver id, ...}
GET  /_simulator/crashes?from=2023-06-04&to=2023-06-05   those there are, of trips of these days
GET  /_simulator/trips?driver=driver-0001&from=...&to=...
GET  /_simulator/truth       see truth.py
"""

from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.sandbox.simulators.choices import must_be_known, read
from tests.sandbox.simulators.crashes import SEVERITIES, Crash
from tests.sandbox.simulators.faults import FaultRoutes
from tests.sandbox.simulators.move import answers
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.zendrive import told
from tests.sandbox.simulators.zendrive.drivers import driver_id, epoch_ms, trip_id
from tests.sandbox.simulators.zendrive.faults import Fault
from tests.sandbox.simulators.zendrive.notifier import Order, Run
from tests.sandbox.simulators.zendrive.recording import Json
from tests.sandbox.simulators.zendrive.settings import Knobs
from tests.sandbox.simulators.zendrive.world import World

T = TypeVar("T", bound=msgspec.Struct)


class CrashOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Of a driver, by name or id."""

    driver: str
    at: int | None = None
    severity: str = "HIGH"

    def __post_init__(self) -> None:
        must_be_known("severity", self.severity, SEVERITIES)


class Control:
    """Crashes cars, sets faults, turns knobs, notifies, and tells the truth."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._runs = list[Run]()
        base = "/_simulator"
        posts = {"crash": self.crash, "notify": self.notify, "settings": self.turn_knobs}
        gets = {
            "drivers": self.drivers,
            "crashes": self.crashes,
            "trips": self.trips,
            "truth": self.truth,
            "runs/{run:int}": self.run,
        }
        self.routes = [
            Route("/", self.about),
            Route(base, self.about),
            *FaultRoutes(world.faults, Fault).routes,
            *(Route(f"{base}/{name}", post, methods=["POST"]) for name, post in posts.items()),
            *(Route(f"{base}/{name}", get, methods=["GET"]) for name, get in gets.items()),
        ]

    async def about(self, _: Request) -> Response:
        settings = self._world.settings
        told = {"provider": "zendrive", "seed": settings.seed, "users": settings.users}
        return answers.json({**told, "first_day": settings.first_day})

    async def crash(self, request: Request) -> Response:
        asked, drivers = await _read(request, CrashOrder), self._world.drivers
        person, now = self._person(asked.driver), drivers.now().replace(microsecond=0)
        moment = now if asked.at is None else datetime.fromtimestamp(asked.at, UTC)
        return answers.json(_crash(drivers.crash(person, moment, asked.severity)))

    async def notify(self, request: Request) -> Response:
        order = await _read(request, Order)
        if order.driver:
            self._person(order.driver)
        run = Run(order, self._world)
        self._runs.append(run)
        await run_in_threadpool(run.begin)
        return answers.json({"run": len(self._runs)})

    async def run(self, request: Request) -> Response:
        number = request.path_params["run"]
        if not 1 <= number <= len(self._runs):
            raise answers.Refused(404, "there is no such run")
        return answers.json(self._runs[number - 1].told())

    async def turn_knobs(self, request: Request) -> Response:
        knobs = self._world.settings.knobs
        asked = msgspec.json.decode(await request.body(), type=dict[str, object])
        wanted = read(msgspec.structs.asdict(knobs) | asked, Knobs)
        for name, value in msgspec.structs.asdict(wanted).items():
            setattr(knobs, name, value)
        return answers.json(msgspec.structs.asdict(knobs))

    async def drivers(self, _: Request) -> Response:
        people = self._world.drivers.people
        return answers.json({person.user_id: driver_id(person) for person in people})

    async def crashes(self, request: Request) -> Response:
        first, last = _days(request)
        found = await run_in_threadpool(lambda: list(self._world.drivers.crashed(first, last)))
        return answers.json({"crashes": [_crash(one) for one in found]})

    async def trips(self, request: Request) -> Response:
        person = self._person(request.query_params.get("driver", ""))
        found = self._world.drivers.trips(person, *_days(request))
        return answers.json({"trips": [told.trip(one) for one in found]})

    async def truth(self, _: Request) -> Response:
        return answers.json(self._world.truth.told(self._world.outbox.waiting))

    def _person(self, name: str) -> Person:
        people = self._world.drivers.people
        person = self._world.drivers.find(name)
        if person is None:
            last = people.person(len(people)).user_id
            raise answers.Refused(400, f"nobody is {name!r}: there are driver-0001 to {last}")
        return person


def _crash(crash: Crash) -> Json:
    person, moment = crash.trip.person, crash.moment
    return {
        "driver": person.user_id,
        "driver_id": driver_id(person),
        "collision_id": f"{epoch_ms(moment)}",
        "timestamp": int(moment.timestamp()),
        "date": f"{moment.astimezone(UTC).date()}",
        "latitude": round(crash.place.latitude, 7),
        "longitude": round(crash.place.longitude, 7),
        "speed_mps": crash.place.speed_kmh / 3.6,
        "g_force": crash.magnitude_mg / 1000,
        "trip_id": trip_id(crash.trip),
    }


def _days(request: Request) -> tuple[date, date]:
    given = {name: text for name, text in request.query_params.items() if name in ("from", "to")}
    days = msgspec.convert(given, dict[str, date])
    today = datetime.now(UTC).date()
    first = days.get("from", today)
    return first, days.get("to", first)


async def _read(request: Request, kind: type[T]) -> T:
    return read(msgspec.json.decode(await request.body()), kind)
