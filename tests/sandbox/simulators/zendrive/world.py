"""All that there is in one simulator: what the API tells, and what tests turn."""

from tests.sandbox.simulators.zendrive.drivers import Drivers
from tests.sandbox.simulators.zendrive.faults import Faults
from tests.sandbox.simulators.zendrive.outbox import Outbox
from tests.sandbox.simulators.zendrive.settings import Settings
from tests.sandbox.simulators.zendrive.truth import Truth


class World:
    """Questions, what was answered, and what is still to be sent."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.faults = Faults()
        self.drivers = Drivers(settings)
        self.truth = Truth()
        self.outbox = Outbox(settings)
