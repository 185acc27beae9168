"""The simulator as one ASGI application."""

from pydantic import ValidationError
from starlette.applications import Starlette

from tests.sandbox.simulators.sentiance import control
from tests.sandbox.simulators.sentiance.api import Api
from tests.sandbox.simulators.sentiance.control import Control
from tests.sandbox.simulators.sentiance.downloads import Downloads
from tests.sandbox.simulators.sentiance.faults import Faults
from tests.sandbox.simulators.sentiance.links import Links
from tests.sandbox.simulators.sentiance.schema import Resolvers, schema
from tests.sandbox.simulators.sentiance.settings import Settings
from tests.sandbox.simulators.sentiance.shelf import Shelf
from tests.sandbox.simulators.sentiance.users import Users


def create(settings: Settings) -> Starlette:
    faults = Faults()
    shelf, links, users = Shelf(settings, faults), Links(settings), Users(settings)
    routes = [
        *Api(schema(Resolvers(shelf, links, faults, users)), settings, users).routes,
        *Downloads(shelf, links, faults, settings).routes,
        *Control(shelf, faults, users).routes,
    ]
    return Starlette(routes=routes, exception_handlers={ValidationError: control.explain})
