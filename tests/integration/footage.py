"""Many clips at once: what the simulator makes of each is planned, and how it has to end."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from infra.cli.desk import Desk, Later
from tests.integration.insurer import Insurer

AT_ONCE = 4
LOOK_EVERY_SECONDS, PATIENCE_SECONDS = 0.5, 300
CAMERAS = [{"capture_mode": "C_F"}, {"capture_mode": "C_I"}]

Told = Mapping[str, Any]  # JSON of the API


@dataclass(frozen=True)
class Kind:
    """`plan` is what comes of each request for a device; `device` is how it is found."""

    end: str
    plan: Mapping[str, object] = field(default_factory=dict)
    device: str = "online"
    is_short: bool = False  # it would go on until the deadline


def failing(code: str) -> dict[str, object]:
    return {"history": [[0, 1], [0.5, 3, code]]}


KINDS: Mapping[str, Kind] = {
    "too old": Kind("too_old", device="too_old", is_short=True),
    "never done": Kind("deadline", {"history": [[0, 1]]}, is_short=True),
    "stored": Kind("stored"),
    "partly": Kind("partly_stored", {"history": [[0, 1], [0.5, 6]], "videos": CAMERAS}),
    "busy, then stored": Kind("stored", failing("D_E20003")),
    "gone": Kind("gone", failing("D_E20001")),
    "expired": Kind("expired", failing("D_E20010")),
    "failed": Kind("failed", failing("D_E20002")),
    "no video": Kind("failed", {"videos": [{"capture_mode": "C_F", "kind": "html"}]}),
    "woken": Kind("stored", device="standby"),
    "back after a while": Kind("stored", device="offline"),
}


@dataclass(frozen=True)
class Wanted:
    """One request. Those of a driver are of the same kind."""

    kind: str
    driver: str
    device: str
    at: str

    @property
    def footage(self) -> tuple[str, str]:
        return self.device, self.at


@dataclass(frozen=True)
class Crowd:
    """After `patience_seconds` those are given up that never end by themselves."""

    insurer: Insurer
    patience_seconds: float = 25.0

    def wanted(self, count: int, day: str, *, drivers: int, first: int = 1) -> list[Wanted]:
        """Kinds in turn, from one driver to the next, and from the first to the last again."""
        kinds = list(KINDS)
        found = []
        for number in range(count):
            driver = f"driver-{first + number % drivers:04}"
            at = f"{day}T{8 + number // drivers:02}:00:00Z"
            kind = kinds[number % drivers % len(kinds)]
            found.append(Wanted(kind, driver, self.insurer.dashcam.device(driver), at))
        return found

    def prepare(self, wanted: Sequence[Wanted]) -> None:
        """A device that is busy is so once for each of its clips."""
        for (kind, device), count in Counter((one.kind, one.device) for one in wanted).items():
            if KINDS[kind].plan:
                self.insurer.dashcam.told("clips", device=device, count=count, **KINDS[kind].plan)
            self.insurer.dashcam.told("devices", device=device, state=KINDS[kind].device)

    def ask(self, wanted: Sequence[Wanted], *, twice: int) -> tuple[list[Told], list[Told]]:
        """All of them; and at the same time the first ones once more, for somebody else."""
        hours = self.patience_seconds / 3600

        def ask(one: Wanted, requester: str) -> Told:
            short = {"deadline_hours": hours} if KINDS[one.kind].is_short else {}
            return self.request(one.device, one.at, reason=one.kind, requester=requester, **short)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            # Those are to be taken in time, however busy this machine is with all the others.
            short = [one for one in wanted if KINDS[one.kind].is_short]
            for told in pool.map(ask, short, ["claims desk"] * len(short)):
                self._wait_while(("requested",), told, within_seconds=PATIENCE_SECONDS)
            again = [one for one in wanted if one not in short][:twice]
            firsts, seconds = [], []
            for one in wanted:
                firsts.append(pool.submit(ask, one, "claims desk"))
                if one in again:
                    seconds.append(pool.submit(ask, one, "fraud desk"))
            return [one.result() for one in firsts], [one.result() for one in seconds]

    def request(self, device: str, at: str, **more: object) -> Told:
        body = {"device": device, "at": at, "reason": "a test", **more}
        return self._patiently("POST", "v1", "clips", body=body, idempotency_key=repr(body))

    def _patiently(self, *call: str, **more: Any) -> Told:
        """Of very many at once some are told to come again."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return Desk(self.insurer.stack).call(*call, **more)
            except Later:
                if time.monotonic() > until:
                    raise
                time.sleep(LOOK_EVERY_SECONDS)

    def turn_back_on(self, wanted: Sequence[Wanted]) -> None:
        away = {one.device for one in wanted if KINDS[one.kind].device == "offline"}
        for device in away:
            self.insurer.dashcam.told("devices", device=device, state="online")

    def ended(self, asked: Sequence[Told], *, within_seconds: float) -> list[Told]:
        """Raises TimeoutError where one does not end."""
        until = time.monotonic() + within_seconds
        open_ = ("requested", "pending", "busy")
        return [
            self._wait_while(open_, one, within_seconds=until - time.monotonic()) for one in asked
        ]

    def _wait_while(self, states: Sequence[str], one: Told, *, within_seconds: float) -> Told:
        until = time.monotonic() + within_seconds
        while (clip := self._patiently("GET", "v1", "clips", one["clip_id"]))["state"] in states:
            if time.monotonic() > until:
                raise TimeoutError(f"{clip['clip_id']} is {clip['state']}: {clip['reason']}")
            time.sleep(LOOK_EVERY_SECONDS)
        return clip

    def tasks(self) -> Counter[tuple[str, str]]:
        """How many tasks the provider was asked for, by footage."""
        told = self.insurer.dashcam.known()["tasks"].values()
        return Counter((one["device"], one["at"]) for one in told)
