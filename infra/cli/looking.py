"""Something in the stack, looked at again and again until it has ended."""

from collections.abc import Callable, Iterator
from time import sleep
from typing import Protocol, TypeVar

from infra.cli.desk import Desk, Later
from infra.cli.following import Step, follow

PAUSE_SECONDS, PAUSE_SECONDS_ON_AWS = 0.5, 5.0
FAILURES = 10  # in a row: so often an API that does not answer is asked again


class Looked(Protocol):
    """How it was the last time."""

    @property
    def is_open(self) -> bool: ...


T = TypeVar("T", bound=Looked)


def until_ended(
    desk: Desk, look: Callable[[], T], *, pause: Callable[[float], None] = sleep
) -> Iterator[T]:
    """An API that is busy for a moment is no reason to stop looking on."""
    seconds = PAUSE_SECONDS if desk.deployment.in_sandbox else PAUSE_SECONDS_ON_AWS
    failures = 0
    while True:
        try:
            found = look()
        except Later:
            failures += 1
            if failures >= FAILURES:
                raise
        else:
            failures = 0
            yield found
            if not found.is_open:
                return
        pause(seconds)


def awaited(
    found: Iterator[T], step: Callable[[T], Step], *, title: str, unit: str, again: str
) -> T:
    """The last of what is found, shown as it comes. `again` is the command that looks once more."""
    seen: list[T] = []

    def noted(one: T) -> Step:
        seen[:] = [one]
        return step(one)

    follow(
        map(noted, found),
        title=title,
        unit=unit,
        left_running=lambda: f"stopped looking on; it goes on in the stack: {again}",
    )
    return seen[0]
