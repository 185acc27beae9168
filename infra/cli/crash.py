"""A crash in the sandbox: its driver is a user, so that its footage is asked for by itself."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic, sleep
from typing import Any

from infra.cli import footage, keys
from infra.cli.desk import Desk
from infra.cli.exits import CommandError
from infra.cli.following import follow
from infra.cli.footage import Footage
from infra.cli.notifying import client
from infra.cli.target import Deployment

PROVIDER = "dashcam"
USER, DRIVER, DRIVER_ID = "driver-0001", "driver-0001", "1"
WEBHOOK, TYPES = "dashcam/messages", ("EVENT_TRIGGERED", "TASK_UPDATE")
OCLOCK = time(17, 30, tzinfo=UTC)
# Until it has been told, looked up and claimed.
APPEARS_WITHIN_SECONDS, LOOK_EVERY_SECONDS = 60.0, 0.5


@dataclass(frozen=True)
class Crash:
    """The simulator of the dashcams has it happen, and tells our webhook."""

    simulator: str
    deployment: Deployment

    def live(self, *, today: date) -> Footage:
        """Yesterday's, so that the same demo twice is the same crash."""
        desk = Desk(self.deployment)
        self._register(desk)
        at = datetime.combine(today - timedelta(days=1), OCLOCK)
        device = self._happen(at)
        clip_id = clip_id_of(device, at)
        self._appear(desk, clip_id)
        seen: list[Footage] = []

        def noted(found: Footage) -> Footage:
            seen[:] = [found]
            return found

        follow(
            (footage.step(noted(one)) for one in footage.followed(desk, clip_id)),
            title=clip_id,
            unit="cameras",
            left_running=lambda: f"it goes on: telematics clip show {clip_id}",
        )
        return seen[0]

    def _register(self, desk: Desk) -> None:
        with suppress(CommandError):  # registered before
            desk.call("POST", "v1", "users", body={"user_id": USER, "reason": "the demo"})
        place = ("v1", "users", USER, "links", PROVIDER)
        desk.call("PUT", *place, body={"provider_user_id": DRIVER_ID})

    def _happen(self, at: datetime) -> str:
        url = keys.callable_urls(self.deployment)[WEBHOOK]
        with client() as caller:
            caller.delete(f"{self.simulator}/_simulator/webhook").raise_for_status()
            self._order("webhook", {"url": url, "types": TYPES})
            told = self._order("crash", {"driver": DRIVER, "at": int(at.timestamp())})
        return str(told["device"])

    def _order(self, route: str, body: Mapping[str, object]) -> Any:  # Any: JSON of the simulator
        with client() as caller:
            answer = caller.post(f"{self.simulator}/_simulator/{route}", json=body)
        return answer.raise_for_status().json()

    def _appear(self, desk: Desk, clip_id: str) -> None:
        until = monotonic() + APPEARS_WITHIN_SECONDS
        while True:
            try:
                desk.call("GET", "v1", "clips", clip_id)
            except CommandError as error:  # there is no such clip yet
                if monotonic() > until:
                    raise CommandError(f"nobody asked for the footage: {error}") from None
                sleep(LOOK_EVERY_SECONDS)
            else:
                return


def clip_id_of(device: str, at: datetime) -> str:
    """That of the footage which an impact asks for."""
    from telematics.clips.wishes import wish

    asked = {"device": device, "at": at.isoformat(), "requester": "demo", "reason": "demo"}
    return wish(asked, provider=PROVIDER, now=at).clip_id
