"""The sandbox's MOVE, told to notify: it calls our webhooks as the provider would."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from infra.cli.exits import CommandError

if TYPE_CHECKING:
    import httpx

LOOK_EVERY_SECONDS = 0.5
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Told:
    """What it has notified so far. `deliveries` are those that were taken."""

    done: bool
    items: int
    deliveries: int
    given_up: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.items / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        return (
            f"{self.items:,} items in {self.deliveries:,} deliveries,"
            f" {self.per_second:,.0f} items a second"
        )


def notify(simulator: str, urls: Mapping[str, str], *, first: date, last: date) -> Iterator[Told]:
    """What everybody did on these days; the last that is told is the end of it."""
    order = {
        "timeline_url": urls["move/timeline"],
        "notifications_url": urls["move/notifications"],
        "from": first.isoformat(),
        "to": last.isoformat(),
    }
    with client() as caller:
        run = _asked(caller, "POST", f"{simulator}/_simulator/notify", order)["run"]
        while True:
            told = _asked(caller, "GET", f"{simulator}/_simulator/runs/{run}")
            yield (so_far := _parsed(told))
            if so_far.done:
                return
            time.sleep(LOOK_EVERY_SECONDS)


def client() -> "httpx.Client":
    """Past any proxy: it is on this machine."""
    import httpx

    return httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)


def _asked(
    caller: "httpx.Client", method: str, url: str, body: Mapping[str, str] | None = None
) -> Any:  # Any: JSON of the simulator
    import httpx

    try:
        answer = caller.request(method, url, json=body)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise CommandError(f"the simulator of MOVE did not do it: {error}") from error
    return answer.json()


def _parsed(told: Mapping[str, Any]) -> Told:  # Any: as above
    return Told(**{name: told[name] for name in Told.__dataclass_fields__})
