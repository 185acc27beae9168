"""Objects into the queues behind which they are loaded: a few at a time, and then followed."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from infra.cli import settling, status
from infra.cli.exits import CommandError
from infra.cli.following import Step
from infra.cli.replaying.plan import FILES, NUMBERS, Plan, loader
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.raw import RawKey

MOST_AT_ONCE = 10  # that SQS takes
ATTEMPTS = 5


@dataclass
class Sending:
    """`begun_at` is by the stack's clock. Whoever stops half-way has harmed nothing.

    `is_settled`: nothing was left in the queues.
    """

    deployment: Deployment
    plan: Plan
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    sent: int = 0
    begun_at: datetime | None = None
    is_settled: bool = False
    _room: dict[str, int] = field(default_factory=dict)
    _dead_before: int = field(init=False)

    def __post_init__(self) -> None:
        self._dead_before = self._dead()

    @property
    def new_dead_letters(self) -> int:
        return max(0, self._dead() - self._dead_before)

    def send(self) -> Iterator[Step]:
        waiting: dict[str, list[RawKey]] = {}
        for key in self.plan.found():
            queue = loader(key.provider).queue
            waiting.setdefault(queue, []).append(key)
            if len(waiting[queue]) == MOST_AT_ONCE:
                yield from self._send(queue, waiting.pop(queue))
        for queue, keys in waiting.items():
            yield from self._send(queue, keys)

    def settle(self) -> Iterator[Step]:
        """Until the queues were empty for a moment, or were not for far too long."""
        here = self.deployment.in_sandbox
        idle = settling.IDLE_SECONDS if here else settling.IDLE_SECONDS_ON_AWS
        begun = moved_at = self.clock()
        while True:
            left = sum(self._depth(queue) for queue in self.plan.loaders())
            yield self._step(f"{left:,} waiting or being loaded")
            moved_at = self.clock() if left else moved_at
            self.is_settled = not left and self.clock() - moved_at >= idle
            if self.is_settled or self.clock() - begun >= settling.LONGEST_SETTLING_SECONDS:
                return
            self._pause()

    def left_running(self) -> str:
        return (
            f"stopped; {self.sent:,} of {self.plan.objects:,} objects were sent, and are loaded:"
            " the same command sends all of them again, which changes nothing"
        )

    def _send(self, queue: str, keys: "list[RawKey]") -> Iterator[Step]:
        while self._room.get(queue, 0) < len(keys):
            self._room[queue] = _most_waiting(queue) - self._depth(queue)
            if self._room[queue] < len(keys):
                yield self._step("waiting for room in the queue")
                self._pause()
        self._put(queue, keys)
        self._room[queue] -= len(keys)
        self.sent += len(keys)
        yield self._step("sending")

    def _put(self, queue: str, keys: "list[RawKey]") -> None:
        from telematics.announced import Announced

        bodies = {f"{place}": Announced(key, again=True).body for place, key in enumerate(keys)}
        for _ in range(ATTEMPTS):
            answer: Any = self.deployment.queues.send_message_batch(
                QueueUrl=self.deployment.output(f"Queue{queue}"),
                Entries=[{"Id": id, "MessageBody": body} for id, body in bodies.items()],
            )
            self.begun_at = self.begun_at or _told_at(answer)
            bodies = {one["Id"]: bodies[one["Id"]] for one in answer.get("Failed", ())}
            if not bodies:
                return
            self._pause()
        raise CommandError(
            f"the queue {queue.lower()} does not take messages: {self.left_running()}"
        )

    def _step(self, text: str) -> Step:
        return Step(self.sent, self.plan.objects, text)

    def _depth(self, queue: str) -> int:
        return status.depth(self.deployment, f"Queue{queue}")

    def _dead(self) -> int:
        return sum(
            status.depth(self.deployment, f"DeadLetters{one}") for one in self.plan.loaders()
        )

    def _pause(self) -> None:
        here = self.deployment.in_sandbox
        self.sleep(settling.PAUSE_SECONDS if here else settling.PAUSE_SECONDS_ON_AWS)


def _most_waiting(queue: str) -> int:
    return next(one.most_waiting for one in (FILES, NUMBERS) if one.queue == queue)


def _told_at(answer: Any) -> datetime:  # Any: as boto3 has answers
    """When the service says that it answered: our own clock may be wrong by minutes."""
    told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(told) if told else datetime.now(UTC).replace(microsecond=0)
