"""How far a request is with the provider, and what is to be done about it.

What was decided is written down before the machine hears of it: if it does not hear, it asks again
and is told the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypedDict

from telematics import callbacks, http, media, tasks
from telematics.callbacks import Callbacks
from telematics.clips import sources, waits
from telematics.clips.clip import Announced, Clip, Clips, Missing, State, Verdict
from telematics.clips.sources import ClipSource, Fate, Progress, Video
from telematics.clips.waits import MOST_ASKS, MOST_REFUSALS, MOST_WAKEFUL_POLLS
from telematics.errors import InvalidRequest, ProviderBusy, ProviderRefused
from telematics.observability import logger
from telematics.redaction import redacted
from telematics.waits import Waits

OVER_TIME = "time was up before the provider had all of it"
NEVER_ANSWERED = "the device never answered: it was out of reach, or is too old for this"
BROKEN_PROMISE = "the provider calls it done, but has no video"
NOT_SAID = "the provider calls it done in part, and does not say what is missing"
ENDS = {Fate.GONE: State.GONE, Fate.EXPIRED: State.EXPIRED, Fate.FAILED: State.FAILED}
BUSY_GROWTH = 2.0


class Event(TypedDict):
    """The machine waits for `token` as long as it said; that is in its own definition."""

    clip_id: str
    token: str


class Polled(TypedDict):
    """What is known now; `next` is empty while there is only to wait."""

    clip_id: str
    state: State
    next: str


@dataclass(frozen=True)
class Polling:
    """Everything that polling touches."""

    clips: Clips
    source: Callable[[], ClipSource]
    callbacks: Callbacks
    waits: Waits
    now: Callable[[], datetime] = http.utc_now

    def poll(self, clip_id: str, token: str) -> Polled:
        """The token is written down first: a webhook may come while we ask."""
        clip = self.clips.change(clip_id, lambda one: _waiting(one, token))
        if _is_open(clip):
            judge = self._heard(clip)
            now = self.now()
            clip = self.clips.change(clip_id, lambda one: _if_same(one, clip, judge, now))
        if not _is_open(clip):
            self._answer(clip, token)
        following = "" if _is_open(clip) else _next(clip)
        told = {"clip_id": clip_id, "state": clip.state, "next": following}
        logger.info("clip polled", extra={**told, "polls": clip.polls, "failures": clip.failures})
        return {"clip_id": clip_id, "state": clip.state, "next": following}

    def wake(self, provider: str, provider_task: str) -> int:
        """The provider says that something has changed: whoever waits for it asks at once."""
        woken = 0
        for clip_id in self.clips.tasks.found(provider, provider_task):
            clip = self.clips.get(clip_id)
            if clip and clip.wait_token and clip.polls <= MOST_WAKEFUL_POLLS:
                token = clip.wait_token
                woken += self.callbacks.answer(token, {"clip_id": clip_id, "next": "poll"})
                self.clips.change(clip_id, partial(_answered, token=token))
        return woken

    def _heard(self, clip: Clip) -> "Judge":
        try:
            progress = self.source().progress(clip)
        except (ProviderBusy, ProviderRefused, InvalidRequest) as error:
            reason, is_refusal = redacted(str(error)), not isinstance(error, ProviderBusy)
            return lambda one, now: unheard(one, reason, now, is_refusal=is_refusal)
        return lambda one, now: judged(one, progress, now)

    def _answer(self, clip: Clip, token: str) -> None:
        told = {
            "clip_id": clip.task_id,
            "next": _next(clip),
            "videos": len(clip.announced),
            "wait_seconds": self.waits.after(clip.asks, growth=BUSY_GROWTH),
        }
        self.callbacks.answer(token, told)
        self.clips.change(clip.task_id, lambda one: _answered(one, token))


Judge = Callable[[Clip, datetime], Clip]


def judged(clip: Clip, progress: Progress, now: datetime) -> Clip:
    """What the provider told, and what follows from it."""
    heard = clip.with_(
        failures=0,
        refusals=0,
        has_begun=clip.has_begun or progress.has_begun,
        cameras=dict(progress.cameras),
    )
    is_over_time = clip.is_over_time(now)
    match progress.fate:
        case Fate.PENDING if not is_over_time:
            return heard
        case Fate.COMPLETE | Fate.PARTIAL:
            return _to_store(heard, progress, progress.reason)
        case Fate.PENDING if progress.videos:
            return _to_store(heard, progress, OVER_TIME)
        case Fate.PENDING:
            return _over_time(heard, progress)
        case Fate.BUSY if not is_over_time and clip.asks < MOST_ASKS:
            return heard.turned(State.BUSY, verdict=Verdict.ASK, reason=progress.reason)
        case Fate.BUSY:
            state = State.DEADLINE if is_over_time else State.FAILED
            reason = f"{progress.reason}; it was asked {clip.asks} times"
            return _to_end(heard, state, reason, progress)
        case _:
            return _to_end(heard, ENDS[progress.fate], progress.reason, progress)


def unheard(clip: Clip, reason: str, now: datetime, *, is_refusal: bool) -> Clip:
    """The provider did not tell. A refusal may pass, as does one for want of a fresh token."""
    refusals = clip.refusals + 1 if is_refusal else 0
    counted = clip.with_(failures=clip.failures + 1, refusals=refusals)
    if clip.is_over_time(now):
        return _to_end(counted, State.DEADLINE, reason)
    if refusals >= MOST_REFUSALS:
        return _to_end(counted, State.FAILED, reason)
    return counted


def names(videos: Sequence[Video]) -> list[str]:
    """What each is called in the media bucket: no two of them alike, whoever chose the names."""
    found: list[str] = []
    for video in videos:
        name = f"{media.safe_name(video.camera)}-{media.safe_name(video.file_name)}"
        others = sum(one == name or one.endswith(f"~{name}") for one in found)
        found.append(f"{others + 1}~{name}" if others else name)
    return found


def _to_store(clip: Clip, progress: Progress, reason: str) -> Clip:
    if not progress.videos:
        return _to_end(clip, State.FAILED, progress.reason or BROKEN_PROMISE, progress)
    announced = tuple(
        Announced(camera=one.camera, name=name, bytes=one.bytes)
        for one, name in zip(progress.videos, names(progress.videos), strict=True)
    )
    missing = _missing(progress)
    if progress.fate is Fate.PARTIAL and not missing:
        missing = (Missing(camera="", reason=reason or NOT_SAID),)
    return clip.with_(
        verdict=Verdict.STORE, announced=announced, unstored={}, missing=missing, reason=reason
    )


def _over_time(clip: Clip, progress: Progress) -> Clip:
    if clip.has_begun:
        return _to_end(clip, State.DEADLINE, OVER_TIME, progress)
    return _to_end(clip, State.TOO_OLD, NEVER_ANSWERED, progress)


def _to_end(clip: Clip, state: State, reason: str, progress: Progress | None = None) -> Clip:
    missing = _missing(progress) if progress else clip.missing
    return clip.with_(verdict=Verdict.END, ends_as=state, reason=reason, missing=missing)


def _missing(progress: Progress) -> tuple[Missing, ...]:
    return tuple(Missing(camera=name, reason=why) for name, why in progress.missing.items())


def _is_open(clip: Clip) -> bool:
    return clip.state is State.PENDING and clip.verdict is None


def _next(clip: Clip) -> Verdict:
    return Verdict.END if clip.has_ended else clip.verdict or Verdict.END


def _waiting(clip: Clip, token: str) -> Clip:
    return clip.with_(wait_token=token, polls=clip.polls + 1)


def _answered(clip: Clip, token: str) -> Clip:
    """Another wait may have begun meanwhile."""
    return clip.with_(wait_token="") if clip.wait_token == token else clip


def _if_same(clip: Clip, asked: Clip, judge: Judge, now: datetime) -> Clip:
    """What was told of an earlier task of the provider says nothing of the one it has now."""
    is_same = _is_open(clip) and clip.provider_task == asked.provider_task
    return judge(clip, now) if is_same else clip


def deployed(provider: str) -> Polling:
    return Polling(
        clips=Clips(tasks.deployed()),
        source=lambda: sources.source(provider),
        callbacks=callbacks.deployed(),
        waits=waits.deployed(),
    )
