"""The simulator as one ASGI application."""

import msgspec
from starlette.applications import Starlette

from tests.sandbox.simulators.dashcam.api import Api
from tests.sandbox.simulators.dashcam.control import Control
from tests.sandbox.simulators.dashcam.settings import Settings
from tests.sandbox.simulators.dashcam.world import World
from tests.sandbox.simulators.move import control
from tests.sandbox.simulators.move.answers import Refused


def create(settings: Settings) -> Starlette:
    world = World(settings)
    return Starlette(
        routes=[*Control(world).routes, *Api(world).routes, *world.downloads.routes],
        exception_handlers={msgspec.MsgspecError: control.explain, Refused: control.explain},
    )
