"""Faults in force at a simulated provider, and the routes through which tests ask for them.

    POST   /_simulator/faults   one fault or a list of them: {"fault": "busy", "count": 2}
    GET    /_simulator/faults   those in force, with what is left of their counts
    DELETE /_simulator/faults   all of them, or ?fault=busy: those of a name

A fault holds until it has struck "count" times, or else until it is cleared. "at" limits it to one
of the places that its simulator names. What faults there are is told in each simulator's faults.py.
"""

import threading
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.sandbox.simulators.choices import must_be_known, read


class Fault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What all have in common; simulators say which they know, and add options of their own."""

    NAMES: ClassVar[Sequence[str]] = ()
    PLACES: ClassVar[Sequence[str]] = ()

    fault: str
    count: int | None = None
    at: str | None = None

    def __post_init__(self) -> None:
        must_be_known("fault", self.fault, self.NAMES)
        if self.at is not None:
            must_be_known("place", self.at, self.PLACES)
        if self.count is not None and self.count < 1:
            raise ValueError("count is 1 or more, or null")


F = TypeVar("F", bound=Fault)


class Faults(Generic[F]):
    """Those in force. What a simulator sends by itself asks from threads of its own."""

    def __init__(self) -> None:
        self._faults: list[F] = []
        self._lock = threading.Lock()

    def add(self, faults: Sequence[F]) -> None:
        with self._lock:
            self._faults.extend(faults)

    def clear(self, name: str | None = None) -> None:
        with self._lock:
            self._faults = [one for one in self._faults if name not in (None, one.fault)]

    def told(self) -> list[F]:
        return list(self._faults)

    def strike_if(self, is_meant: Callable[[F], bool], name: str, at: str) -> F | None:
        """The fault that strikes here and now, which counts."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if fault.fault == name and fault.at in (None, at) and is_meant(fault):
                    self._spend(fault)
                    return fault
        return None

    def _spend(self, fault: F) -> None:
        if fault.count is not None:
            fault.count -= 1
            if fault.count == 0:
                self._faults.remove(fault)


class FaultRoutes(Generic[F]):
    """The same of every simulator; each has a kind of fault of its own."""

    def __init__(self, faults: Faults[F], kind: type[F]) -> None:
        self._faults = faults
        self._kind = kind
        self.routes = [
            Route("/_simulator/faults", self.told, methods=["GET"]),
            Route("/_simulator/faults", self.add, methods=["POST"]),
            Route("/_simulator/faults", self.clear, methods=["DELETE"]),
        ]

    async def told(self, _: Request) -> Response:
        return JSONResponse({"faults": msgspec.to_builtins(self._faults.told())})

    async def add(self, request: Request) -> Response:
        given = msgspec.json.decode(await request.body())
        all_given = given if isinstance(given, list) else [given]
        self._faults.add([read(one, self._kind) for one in all_given])
        return await self.told(request)

    async def clear(self, request: Request) -> Response:
        self._faults.clear(request.query_params.get("fault"))
        return await self.told(request)
