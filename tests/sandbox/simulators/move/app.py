"""The simulator as one ASGI application."""

import msgspec
from starlette.applications import Starlette

from tests.sandbox.simulators.move import control
from tests.sandbox.simulators.move.answers import Refused
from tests.sandbox.simulators.move.api import Api
from tests.sandbox.simulators.move.control import Control
from tests.sandbox.simulators.move.faults import Faults
from tests.sandbox.simulators.move.settings import Settings
from tests.sandbox.simulators.move.timeline import Timeline


def create(settings: Settings) -> Starlette:
    faults, timeline = Faults(), Timeline(settings)
    return Starlette(
        routes=[*Api(timeline, faults).routes, *Control(settings, timeline, faults).routes],
        exception_handlers={msgspec.MsgspecError: control.explain, Refused: control.explain},
    )
