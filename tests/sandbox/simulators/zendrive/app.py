"""The simulator as one ASGI application."""

import msgspec
from starlette.applications import Starlette

from tests.sandbox.simulators.move import control
from tests.sandbox.simulators.move.answers import Refused
from tests.sandbox.simulators.zendrive.api import Api
from tests.sandbox.simulators.zendrive.control import Control
from tests.sandbox.simulators.zendrive.settings import Settings
from tests.sandbox.simulators.zendrive.world import World


def create(settings: Settings) -> Starlette:
    world = World(settings)
    return Starlette(
        routes=[*Control(world).routes, *Api(world).routes],
        exception_handlers={msgspec.MsgspecError: control.explain, Refused: control.explain},
    )
