"""A claim in the sandbox: somebody crashed, and Zendrive is asked for all that it knows of it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from infra.cli import evidence
from infra.cli.desk import Desk
from infra.cli.evidence import Evidence
from infra.cli.exits import CommandError
from infra.cli.following import follow
from infra.cli.notifying import client
from infra.cli.target import Deployment

PROVIDER = "zendrive"
USER, DRIVER = "driver-0001", "driver-0001"
CLAIM = "claim 4711"
OCLOCK = time(17, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Claim:
    """The simulator has the crash happen, and posts its answer to the address that we hand out.

    `known_as`: what other providers call the driver.
    """

    simulator: str
    deployment: Deployment
    known_as: Mapping[str, str] = field(default_factory=dict)

    def live(self, *, today: date) -> Evidence:
        """Yesterday's crash, so that the same demo twice is the same claim."""
        desk = Desk(self.deployment)
        at = datetime.combine(today - timedelta(days=1), OCLOCK)
        crash = self._happen(at)
        self._register(desk, str(crash["driver_id"]))
        asked = {
            "user_id": USER,
            "date": crash["date"],
            "at": at.isoformat(),
            "latitude": crash["latitude"],
            "longitude": crash["longitude"],
            "claim": CLAIM,
        }
        told = desk.call("POST", "v1", "collisions", body=asked)
        return self._awaited(desk, str(told["collision_id"]))

    def _happen(self, at: datetime) -> Mapping[str, Any]:  # Any: JSON of the simulator
        body = {"driver": DRIVER, "at": int(at.timestamp())}
        with client() as caller:
            answer = caller.post(f"{self.simulator}/_simulator/crash", json=body)
        return answer.raise_for_status().json()  # type: ignore[no-any-return]  # it is JSON

    def _register(self, desk: Desk, driver_id: str) -> None:
        with suppress(CommandError):  # registered before
            desk.call("POST", "v1", "users", body={"user_id": USER, "reason": "the demo"})
        for provider, called in {PROVIDER: driver_id, **self.known_as}.items():
            place = ("v1", "users", USER, "links", provider)
            desk.call("PUT", *place, body={"provider_user_id": called})

    def _awaited(self, desk: Desk, collision_id: str) -> Evidence:
        seen: list[Evidence] = []

        def noted(found: Evidence) -> Evidence:
            seen[:] = [found]
            return found

        follow(
            (evidence.step(noted(one)) for one in evidence.followed(desk, collision_id)),
            title=collision_id,
            unit="answers",
            left_running=lambda: f"it goes on: telematics collision show {collision_id}",
        )
        return seen[0]
