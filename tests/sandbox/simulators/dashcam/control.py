"""The simulator's own routes, which the provider doesn't have: they ask for no key.

GET  /_simulator             who is simulated; also at /
...  /_simulator/faults      see ../faults.py and faults.py
...  /_simulator/webhook     see notifier.py; and /notices
POST /_simulator/clips       see plans.py; and /devices
POST /_simulator/crash       {"driver" or "device", "severity"?: 1 to 3, "at"?: UNIX seconds}
POST /_simulator/clock       {"scale"?: 4320, "advance"?: seconds}: hurry, or jump
POST /_simulator/settings    see settings.py: any of the knobs
GET  /_simulator/devices     {"driver-0001": device_cid, ...}
GET  /_simulator/truth?from=2023-06-04&to=2023-06-05   see truth.py
"""

from datetime import date
from typing import TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.sandbox.simulators.choices import must_be_known, read
from tests.sandbox.simulators.dashcam import truth
from tests.sandbox.simulators.dashcam.events import device_cid
from tests.sandbox.simulators.dashcam.faults import Fault
from tests.sandbox.simulators.dashcam.notifier import TYPES, Hook
from tests.sandbox.simulators.dashcam.plans import DEVICE_STATES, Plan, Video
from tests.sandbox.simulators.dashcam.settings import Knobs
from tests.sandbox.simulators.dashcam.world import World
from tests.sandbox.simulators.faults import FaultRoutes
from tests.sandbox.simulators.move import answers
from tests.sandbox.simulators.people import Person

T = TypeVar("T", bound=msgspec.Struct)


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """What is not known is not overlooked."""


class Device(Strict):
    """Becomes reachable, or not."""

    device: str
    state: str

    def __post_init__(self) -> None:
        must_be_known("state", self.state, DEVICE_STATES)


class Crash(Strict):
    """Of a driver, or of the dashcam in their car."""

    driver: str = ""
    device: str = ""
    severity: int = 3
    at: int | None = None

    def __post_init__(self) -> None:
        must_be_known("severity", self.severity, (1, 2, 3))


class Turn(Strict):
    """Of the clock."""

    scale: float | None = None
    advance: float = 0


class News(Strict):
    """Any notice."""

    type: str
    message: dict[str, object]

    def __post_init__(self) -> None:
        must_be_known("type", self.type, TYPES)


class Control:
    """Crashes cars, plans clips, sets faults, turns the clock, and tells the truth."""

    def __init__(self, world: World) -> None:
        self._world = world
        posts = {
            "webhook": self.register,
            "notices": self.tell,
            "clips": self.plan,
            "devices": self.turn_device,
            "crash": self.crash,
            "clock": self.turn_clock,
            "settings": self.turn_knobs,
        }
        base = "/_simulator"
        self.routes = [
            Route("/", self.about),
            Route(base, self.about),
            *(Route(f"{base}/{name}", post, methods=["POST"]) for name, post in posts.items()),
            *FaultRoutes(world.faults, Fault).routes,
            Route(f"{base}/webhook", self.told, methods=["GET"]),
            Route(f"{base}/webhook", self.clear_hooks, methods=["DELETE"]),
            Route(f"{base}/devices", self.devices, methods=["GET"]),
            Route(f"{base}/truth", self.truth, methods=["GET"]),
        ]

    async def about(self, _: Request) -> Response:
        settings = self._world.settings
        told = {"provider": "dashcam", "seed": settings.seed, "users": settings.users}
        return answers.json({**told, "first_day": settings.first_day})

    async def register(self, request: Request) -> Response:
        self._world.notifier.register(await _read(request, Hook))
        return await self.told(request)

    async def clear_hooks(self, request: Request) -> Response:
        self._world.notifier.clear()
        return await self.told(request)

    async def told(self, _: Request) -> Response:
        return answers.json(self._world.notifier.told())

    async def tell(self, request: Request) -> Response:
        news = await _read(request, News)
        self._world.notifier.tell(news.type, news.message, self._world.clock.now())
        return await self.told(request)

    async def plan(self, request: Request) -> Response:
        plan = await _read(request, Plan, Video)
        if plan.device is not None:
            plan.device = device_cid(self._person(plan.device))
        self._world.tasks.plans.append(plan)
        return answers.json({"plans": len(self._world.tasks.plans)})

    async def devices(self, _: Request) -> Response:
        people = self._world.fleet.people
        return answers.json({person.user_id: device_cid(person) for person in people})

    async def turn_device(self, request: Request) -> Response:
        asked = await _read(request, Device)
        device = device_cid(self._person(asked.device))
        begun = self._world.tasks.turn(device, asked.state)
        for task in begun:
            self._world.tell_task(task)
        news = {"device_cid": device, "status": asked.state}
        self._world.notifier.tell("DEVICE_STATUS_UPDATE", news, self._world.clock.now())
        return answers.json({"device": device, "begun": [task.id for task in begun]})

    async def crash(self, request: Request) -> Response:
        asked = await _read(request, Crash)
        person = self._person(asked.driver or asked.device)
        event = self._world.fleet.crash(person, severity=asked.severity, at=asked.at)
        self._world.tell_event(event, str(request.base_url))
        told = {"driver": person.user_id, "device": device_cid(person)}
        return answers.json({"uuid": event.uuid, "timestamp": event.timestamp, **told})

    async def turn_clock(self, request: Request) -> Response:
        asked, clock = await _read(request, Turn), self._world.clock
        clock.turn(scale=asked.scale, advance=asked.advance)
        return answers.json({"now": clock.now(), "scale": clock.scale})

    async def turn_knobs(self, request: Request) -> Response:
        knobs = self._world.settings.knobs
        asked = msgspec.json.decode(await request.body(), type=dict[str, object])
        wanted = read(msgspec.structs.asdict(knobs) | asked, Knobs)
        for name, value in msgspec.structs.asdict(wanted).items():
            setattr(knobs, name, value)
        return answers.json(msgspec.structs.asdict(knobs))

    async def truth(self, request: Request) -> Response:
        days = msgspec.convert(dict(request.query_params), dict[str, date])
        given = days.get("from"), days.get("to", days.get("from"))
        return answers.json(await run_in_threadpool(truth.told, self._world, *given))

    def _person(self, name: str) -> Person:
        """Of a driver's name or a `device_cid`."""
        fleet = self._world.fleet
        number = name.removeprefix("driver-")
        known = number.isdecimal() and 1 <= int(number) <= len(fleet.people)
        person = fleet.people.person(int(number)) if known else fleet.owner(name)
        if person is None:
            last = fleet.people.person(len(fleet.people)).user_id
            raise answers.Refused(400, f"nobody is {name!r}: there are driver-0001 to {last}")
        return person


async def _read(request: Request, kind: type[T], *parts: type[msgspec.Struct]) -> T:
    return read(msgspec.json.decode(await request.body()), kind, *parts)
