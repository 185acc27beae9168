"""The simulator's own routes, which the provider doesn't have: they ask for no key.

GET  /_simulator            who is simulated
...  /_simulator/faults     see faults.py
POST /_simulator/republish  {"day": "2023-06-04", "type": "transports"}: answers the revision
GET  /_simulator/truth?from=2023-06-04&to=2023-06-05  {"files": [...]}: of each file its day,
                            type, name, format, revision, size, sha256, rows and bad_rows
GET  /_simulator/users      {"linked": [external ids], "deleted": [ids]}
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.sandbox.simulators.sentiance.faults import Fault, Faults, Kind, OffloadType
from tests.sandbox.simulators.sentiance.files import catalog
from tests.sandbox.simulators.sentiance.files.file import Edition
from tests.sandbox.simulators.sentiance.shelf import Shelf
from tests.sandbox.simulators.sentiance.users import Users


def _listed(given: object) -> object:
    return given if isinstance(given, list) else [given]


_FAULTS = TypeAdapter(Annotated[list[Fault], BeforeValidator(_listed)])


class Republish(BaseModel):
    """Which offload gets another revision."""

    model_config = ConfigDict(extra="forbid")

    day: date
    type: OffloadType


class Period(BaseModel):
    """Days, both ends included."""

    model_config = ConfigDict(extra="forbid")

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class Control:
    """Sets faults, publishes again, and tells the truth."""

    def __init__(self, shelf: Shelf, faults: Faults, users: Users) -> None:
        self._shelf = shelf
        self._users = users
        self._faults = faults
        self.routes = [
            Route("/_simulator", self.about),
            Route("/_simulator/faults", self.list_faults, methods=["GET"]),
            Route("/_simulator/faults", self.add_faults, methods=["POST"]),
            Route("/_simulator/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_simulator/republish", self.republish, methods=["POST"]),
            Route("/_simulator/truth", self.truth, methods=["GET"]),
            Route("/_simulator/users", self.users, methods=["GET"]),
        ]

    async def about(self, _: Request) -> Response:
        population = self._shelf.population
        told = {"provider": "sentiance", "seed": population.seed, "users": len(population)}
        return JSONResponse({**told, "first_day": self._shelf.first_day.isoformat()})

    async def list_faults(self, _: Request) -> Response:
        return JSONResponse({"faults": self._faults.told()})

    async def add_faults(self, request: Request) -> Response:
        self._faults.add(_FAULTS.validate_json(await request.body()))
        return await self.list_faults(request)

    async def clear_faults(self, request: Request) -> Response:
        name = request.query_params.get("fault")
        self._faults.clear(TypeAdapter(Kind).validate_python(name) if name else None)
        return await self.list_faults(request)

    async def republish(self, request: Request) -> Response:
        asked = Republish.model_validate_json(await request.body())
        if not list(self._shelf.days(asked.day, asked.day)):
            return _complaint(f"there are no offloads for {asked.day}")
        layout = catalog.BY_NAME[asked.type]
        revision = await run_in_threadpool(self._shelf.republish, asked.day, layout)
        return JSONResponse({"revision": revision})

    async def truth(self, request: Request) -> Response:
        asked = Period.model_validate(dict(request.query_params))
        files = await run_in_threadpool(lambda: list(self._files(asked)))
        return JSONResponse({"files": files})

    async def users(self, _: Request) -> Response:
        return JSONResponse(self._users.told())

    def _files(self, period: Period) -> Iterator[dict[str, object]]:
        for day in self._shelf.days(period.first, period.last):
            for layout in self._shelf.layouts(day):
                yield from map(self._file, self._shelf.editions(day, layout))

    def _file(self, edition: Edition) -> dict[str, object]:
        """`rows` are the good ones."""
        facts = self._shelf.facts(edition)
        return {
            "day": edition.source.day.isoformat(),
            "type": edition.layout.name,
            "name": edition.name,
            "format": edition.layout.format,
            "revision": edition.source.revision,
            "size": facts.size,
            "sha256": facts.sha256,
            "rows": facts.rows,
            "bad_rows": facts.bad_rows,
        }


async def explain(_: Request, error: Exception) -> Response:
    """What was wrong with a request to one of these routes."""
    if not isinstance(error, ValidationError):
        raise error
    reasons = error.errors(include_url=False, include_context=False)
    return _complaint("; ".join(f"{_place(one['loc'])}{one['msg']}" for one in reasons))


def _place(steps: tuple[int | str, ...]) -> str:
    return f"{'.'.join(map(str, steps))}: " if steps else ""


def _complaint(message: str) -> Response:
    return JSONResponse({"message": message}, status_code=422)
