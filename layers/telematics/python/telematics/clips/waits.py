"""How long to wait between two questions, and what that costs.

A machine's loop leaves at most so many events in the history of its execution for each question:
TaskStateEntered, TaskScheduled, TaskStarted, TaskSubmitted, TaskTimedOut or TaskSucceeded, and
TaskStateExited; then the two of a state beside it, where an answer is looked at or a wait is made
longer. AWS ends an execution at 25,000.
"""

from telematics.settings import settings
from telematics.waits import Waits

EVENTS_PER_POLL = 8
TRANSITIONS_PER_POLL = 2
MOST_ASKS = 10  # of a device that is busy
MOST_REFUSALS = 3  # in a row: keys are being changed, or somebody else has just logged in
# Beyond that nobody is woken by webhooks any more, but asks only as time goes by.
MOST_WAKEFUL_POLLS = 1_000


def deployed() -> Waits:
    here = settings()
    return Waits(here.clip_first_wait_seconds, here.clip_longest_wait_seconds)
