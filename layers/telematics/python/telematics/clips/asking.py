"""The beginning, and each new beginning: ask the provider for the footage, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from telematics import http, tasks
from telematics.clips import devices, finishing, sources, waits
from telematics.clips.claiming import Claiming
from telematics.clips.clip import Clip, Clips, State, Verdict
from telematics.clips.devices import Devices
from telematics.clips.finishing import Finishing
from telematics.clips.sources import ClipSource
from telematics.clips.waits import MOST_REFUSALS
from telematics.clips.wishes import Wish, wish
from telematics.errors import (
    InvalidRequest,
    NotFound,
    ProviderBusy,
    ProviderRefused,
    TelematicsError,
    UserBlocked,
)
from telematics.observability import logger
from telematics.redaction import redacted
from telematics.settings import settings
from telematics.waits import Waits

# Longer than the function may run: then whoever was asking is no more.
ASKING_FOR = timedelta(minutes=5)


class Next(StrEnum):
    """What the machine is to do."""

    POLL = "poll"
    WAIT = "wait"  # and begin again
    END = "end"  # it has ended, or somebody else works on it


class Event(TypedDict):
    """The detail of a `Clip Requested`; later the same with its `clip_id`.

    `execution` is the machine's. Without it, one event stands for one execution.
    """

    detail: NotRequired[Mapping[str, Any]]  # Any: JSON that others wrote
    clip_id: NotRequired[str]
    execution: NotRequired[str]


class Begun(TypedDict):
    """What the machine goes on with."""

    clip_id: str
    next: Next
    state: State
    wait_seconds: int


@dataclass(frozen=True)
class Asking:
    """Everything that asking touches."""

    provider: str
    clips: Clips
    source: Callable[[], ClipSource]
    finishing: Finishing
    waits: Waits
    devices: Devices
    now: Callable[[], datetime] = http.utc_now

    def begin(self, event: Event) -> Begun:
        """Called again, it goes on where it was. Raises InvalidRequest for a senseless event."""
        detail = {name: one for name, one in event.get("detail", {}).items() if one is not None}
        clip_id = str(event.get("clip_id") or detail.get("clip_id") or "")
        runner = str(event.get("execution") or tasks.digest_of(repr(sorted(detail.items()))))
        if not clip_id or self.clips.get(clip_id) is None:
            clip_id = self._claimed(detail, clip_id, runner)
        clip = self.clips.change(clip_id, lambda one: _taken(one, runner))
        if clip.has_ended or clip.runner != runner:
            return self._told(clip, Next.END)
        if clip.state is State.PENDING:
            return self._told(clip, Next.POLL)
        return self._ask(clip)

    def _claimed(self, detail: Mapping[str, Any], clip_id: str, runner: str) -> str:
        asked: Wish = wish(detail, provider=self.provider, now=self.now())
        if clip_id not in ("", asked.clip_id):
            raise InvalidRequest("clip_id is that of other footage")
        claimed = Claiming(self.clips, self.devices).claim(asked, now=self.now(), key=runner)
        return claimed.clip.task_id

    def _ask(self, clip: Clip) -> Begun:
        now = self.now()
        if clip.is_over_time(now):
            return self._ended(clip, State.DEADLINE, clip.reason or "it was never taken")
        try:
            self.devices.refuse_closed(clip.provider, clip.device)
        except UserBlocked as error:
            return self._ended(clip, State.FAILED, str(error))
        is_free = False

        def claimed(one: Clip) -> Clip:
            nonlocal is_free
            is_free = one.asking_until is None or one.asking_until <= now
            return one.with_(asking_until=now + ASKING_FOR) if is_free else one

        marked = self.clips.change(clip.task_id, claimed)
        if not is_free:
            return self._told(marked, Next.WAIT)  # somebody is asking at this very moment
        try:
            provider_task = self.source().ask(marked)
        except (ProviderRefused, ProviderBusy, InvalidRequest) as error:
            return self._not_taken(marked, error)
        asked = self.clips.change(clip.task_id, lambda one: _asked(one, provider_task))
        return self._told(asked, Next.POLL)

    def _not_taken(self, clip: Clip, error: TelematicsError) -> Begun:
        reason = redacted(str(error))
        failed = self.clips.change(clip.task_id, lambda one: _failed(one, error, reason))
        is_final = isinstance(error, NotFound | InvalidRequest)
        if is_final or failed.refusals >= MOST_REFUSALS:
            return self._ended(failed, State.FAILED, reason)
        told = self._told(failed, Next.WAIT)
        wanted = error.retry_after_seconds if isinstance(error, ProviderBusy) else None
        wait = max(self.waits.after(failed.failures - 1), int(wanted or 0))
        return {**told, "wait_seconds": min(wait, self.waits.longest_seconds)}

    def _ended(self, clip: Clip, state: State, reason: str) -> Begun:
        """At once: there is nothing to wait for, and so no other step that would."""
        facts = {"verdict": Verdict.END, "ends_as": state, "reason": reason}
        self.clips.change(clip.task_id, lambda one: one.with_(**facts))
        self.finishing.finish(clip.task_id, clip.runner)
        return self._told(clip.with_(state=state), Next.END)

    def _told(self, clip: Clip, following: Next) -> Begun:
        told = {"clip_id": clip.task_id, "next": following, "state": clip.state}
        logger.info("clip begun", extra={**told, "asks": clip.asks, "failures": clip.failures})
        return {
            "clip_id": clip.task_id,
            "next": following,
            "state": clip.state,
            "wait_seconds": self.waits.after(0),
        }


def _taken(clip: Clip, runner: str) -> Clip:
    """By the first who comes; whoever comes later has nothing to do."""
    return clip.with_(runner=runner) if not clip.has_ended and not clip.runner else clip


def _asked(clip: Clip, provider_task: str) -> Clip:
    """The device starts anew, and nothing that was heard before counts."""
    return clip.turned(
        State.PENDING,
        provider_task=provider_task,
        asks=clip.asks + 1,
        asking_until=None,
        failures=0,
        refusals=0,
        verdict=None,
        cameras={},
        missing=(),
        reason="",
    )


def _failed(clip: Clip, error: TelematicsError, reason: str) -> Clip:
    is_refusal = isinstance(error, ProviderRefused)
    return clip.with_(
        asking_until=None,
        failures=clip.failures + 1,
        refusals=clip.refusals + 1 if is_refusal else 0,
        reason=reason,
    )


def deployed() -> Asking:
    provider = settings().provider
    return Asking(
        provider=provider,
        clips=Clips(tasks.deployed()),
        source=lambda: sources.source(provider),
        finishing=finishing.deployed(),
        waits=waits.deployed(),
        devices=devices.deployed(),
    )
