"""A provider's webhook tells of a task: whoever waits for it is woken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict

from telematics import raw
from telematics.clips import polling, sources
from telematics.clips.polling import Polling
from telematics.errors import MalformedPayload
from telematics.raw import RawKey, Zone


class Event(TypedDict):
    """`Object Created` of an object in raw, as EventBridge tells it."""

    detail: dict[str, Any]  # Any: JSON


@dataclass(frozen=True)
class Waking:
    """Everything that waking touches."""

    zone: Zone
    polling: Callable[[str], Polling]

    def take(self, event: Event) -> int:
        """How many were woken. What is gone, or tells of no task, wakes nobody."""
        key = RawKey.parse(str(event["detail"]["object"]["key"]))
        there = self.zone.head(key)
        if there is None:
            return 0
        with self.zone.open(key, there.etag) as body:
            content = body.read()
        try:
            task = sources.module(key.provider).told_task(content)
        except MalformedPayload:
            return 0  # the webhook's own loading says so
        return self.polling(key.provider).wake(key.provider, task) if task else 0


def deployed() -> Waking:
    return Waking(raw.deployed(), polling.deployed)
