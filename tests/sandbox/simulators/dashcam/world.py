"""All that there is in one simulator: what the API tells, and what tests turn."""

from tests.sandbox.simulators.dashcam import clips
from tests.sandbox.simulators.dashcam.downloads import Downloads
from tests.sandbox.simulators.dashcam.events import Event
from tests.sandbox.simulators.dashcam.faults import Faults
from tests.sandbox.simulators.dashcam.fleet import Fleet
from tests.sandbox.simulators.dashcam.notifier import Notifier
from tests.sandbox.simulators.dashcam.settings import Clock, Settings
from tests.sandbox.simulators.dashcam.tasks import Task, Tasks
from tests.sandbox.simulators.dashcam.told import Teller


class World:
    """What happens in it is told to the webhooks when its time has come."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(settings.now)
        self.faults = Faults()
        self.fleet = Fleet(settings, self.clock)
        self.tasks = Tasks(self.clock, settings.knobs)
        self.teller = Teller(self.fleet)
        self.downloads = Downloads(settings, self.faults)
        self.notifier = Notifier(settings, self.clock, self.faults)

    def tell_event(self, event: Event, base: str) -> None:
        """At once; and then of each video that has been uploaded."""
        detail = f"{base}V2/event/{event.uuid}"
        notice = self.teller.notice(event, detail, videos=0)
        self.notifier.tell("EVENT_TRIGGERED", notice, event.seen_at)
        for number in range(1, len(event.cameras) + 1):
            due = event.seen_at + self.settings.knobs.asset_seconds * number
            notice = self.teller.notice(event, detail, videos=number)
            self.notifier.tell("ASSET_UPLOADED", notice, due)

    def tell_task(self, task: Task) -> None:
        """All of its steps, once its device has heard of it."""
        if task.begun_at is not None:
            for step in task.history:
                moment = task.begun_at + step.seconds
                self.notifier.tell("TASK_UPDATE", clips.update(task, moment, step), moment)
