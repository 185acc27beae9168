"""The simulator's own routes, which the provider doesn't have: they ask for no key.

GET  /_simulator            who is simulated; also at /
...  /_simulator/faults     see ../faults.py and faults.py
...  /_simulator/notify     see notifier.py
POST /_simulator/relabel    {"contract": ..., "start": UNIX seconds, "type": "FAKETRIP"}: unseen
GET  /_simulator/item?contract=...&start=...     {"item", "points": n, "notified": true or false}
GET  /_simulator/truth?from=2023-06-04&to=2023-06-05   see truth.py; without days, of all runs
"""

import threading
from datetime import date

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.sandbox.simulators.faults import FaultRoutes
from tests.sandbox.simulators.move import answers
from tests.sandbox.simulators.move.answers import Refused
from tests.sandbox.simulators.move.faults import Fault, Faults
from tests.sandbox.simulators.move.features import V1_5, described
from tests.sandbox.simulators.move.notifier import Order, Run
from tests.sandbox.simulators.move.settings import Settings
from tests.sandbox.simulators.move.timeline import KINDS, WITH_POINTS, Item, Timeline
from tests.sandbox.simulators.move.truth import Truth


class Relabelling(msgspec.Struct, forbid_unknown_fields=True):
    """The backend thinks better of an item."""

    contract: str
    start: int
    type: str


class Control:
    """Sets faults, notifies, relabels, and tells the truth."""

    def __init__(self, settings: Settings, timeline: Timeline, faults: Faults) -> None:
        self._settings = settings
        self._timeline = timeline
        self._faults = faults
        self._truth = Truth(timeline)
        self._runs = list[Run]()
        self.routes = [
            Route("/", self.about),
            Route("/_simulator", self.about),
            *FaultRoutes(faults, Fault).routes,
            Route("/_simulator/notify", self.notify, methods=["POST"]),
            Route("/_simulator/runs/{run:int}", self.run, methods=["GET"]),
            Route("/_simulator/relabel", self.relabel, methods=["POST"]),
            Route("/_simulator/item", self.item, methods=["GET"]),
            Route("/_simulator/truth", self.truth, methods=["GET"]),
        ]

    async def about(self, _: Request) -> Response:
        told = {"provider": "move", "seed": self._settings.seed, "users": self._settings.users}
        return answers.json({**told, "first_day": self._settings.first_day})

    async def notify(self, request: Request) -> Response:
        order = msgspec.json.decode(await request.body(), type=Order)
        run = Run(order, self._timeline, self._faults, self._truth)
        self._runs.append(run)
        transport = (self._settings.transport,)
        threading.Thread(target=run.carry_out, args=transport, daemon=True).start()
        return answers.json({"run": len(self._runs)})

    async def run(self, request: Request) -> Response:
        number = request.path_params["run"]
        if not 1 <= number <= len(self._runs):
            raise Refused(404, "there is no such run")
        return answers.json(self._runs[number - 1].told())

    async def relabel(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body(), type=Relabelling)
        if asked.type not in KINDS:
            raise Refused(400, f"a type is one of {', '.join(KINDS)}")
        self._timeline.relabel(self._found(asked.contract, asked.start), asked.type)
        return answers.json({})

    async def item(self, request: Request) -> Response:
        asked = msgspec.convert({**request.query_params, "type": ""}, Relabelling, strict=False)
        item = self._found(asked.contract, asked.start)
        kind = self._timeline.kind(item)
        told = {
            "item": described(item, kind, self._timeline.trip(item), V1_5),
            "points": item.points if kind in WITH_POINTS else 0,
            "notified": self._truth.is_notified(item),
        }
        return answers.json(told)

    async def truth(self, request: Request) -> Response:
        days = msgspec.convert(dict(request.query_params), dict[str, date])
        told = await run_in_threadpool(self._truth.told, days.get("from"), days.get("to"))
        return answers.json(told)

    def _found(self, contract: str, start: int) -> Item:
        item = self._timeline.find(contract, start)
        if item is None:
            raise Refused(404, "there is no such item")
        return item


async def explain(_: Request, error: Exception) -> Response:
    """What was wrong with a request to one of these routes."""
    if isinstance(error, Refused):
        return error.response
    return answers.json({"message": str(error)}, 400)
