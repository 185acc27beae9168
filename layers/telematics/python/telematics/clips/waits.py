"""How long to wait between two questions, and what that costs.

A machine's loop leaves at most so many events in the history of its execution for each question:
TaskStateEntered, TaskScheduled, TaskStarted, TaskSubmitted, TaskTimedOut or TaskSucceeded, and
TaskStateExited; then the two of a state beside it, where an answer is looked at or a wait is made
longer. AWS ends an execution at 25,000.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from telematics.settings import settings

GROWTH = 1.5
EVENTS_PER_POLL = 8
TRANSITIONS_PER_POLL = 2
MOST_ASKS = 10  # of a device that is busy
MOST_REFUSALS = 3  # in a row: keys are being changed, or somebody else has just logged in
# Beyond that nobody is woken by webhooks any more, but asks only as time goes by.
MOST_WAKEFUL_POLLS = 1_000


@dataclass(frozen=True)
class Waits:
    """Each longer than the one before, up to the longest."""

    first_seconds: int
    longest_seconds: int

    def after(self, times: int, *, growth: float = GROWTH) -> int:
        """So many times before, it was in vain."""
        exponent = min(times, 64)  # which is beyond any longest wait, and still a number
        return max(1, min(int(self.first_seconds * growth**exponent), self.longest_seconds))

    def until(self, seconds: int) -> Iterator[int]:
        """All of them, until so much time has passed."""
        passed = times = 0
        while passed < seconds:
            wait = self.after(times)
            yield wait
            passed, times = passed + wait, times + 1


def deployed() -> Waits:
    here = settings()
    return Waits(here.clip_first_wait_seconds, here.clip_longest_wait_seconds)
