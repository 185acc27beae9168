"""The end of a clip: how it ended, our record of its videos, and the news of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NotRequired, TypedDict

from telematics import events, http, raw, tasks
from telematics.clips import sources
from telematics.clips.clip import Clip, Clips, Missing, State, Verdict
from telematics.events import Bus, ClipFailed, ClipStored, Detail, MissingVideo, StoredVideo
from telematics.moments import stamp
from telematics.observability import logger
from telematics.raw import Provenance, RawKey, Zone

BROKEN_OFF = "the work on it broke off"
NOT_FETCHED = "it was not fetched"


class Event(TypedDict):
    """Called also when the machine stopped halfway: then the clip has failed, or partly.

    `execution` is the machine's, `fault` what stopped it.
    """

    clip_id: str
    execution: str
    fault: NotRequired[str]


class Finished(TypedDict):
    """How it ended; a clip that somebody else works on has not."""

    clip_id: str
    state: State
    ended: bool
    videos: int
    missing: int


@dataclass(frozen=True)
class Finishing:
    """Everything that finishing touches."""

    clips: Clips
    zone: Zone
    bus: Bus
    now: Callable[[], datetime] = http.utc_now

    def finish(self, clip_id: str, runner: str, *, is_broken: bool = False) -> Finished:
        """A repeat tells nothing twice, unless it is unknown whether it was told.

        Only who works on a clip ends it; or where nobody does, who `is_broken` before they could.
        """

        def closed(one: Clip) -> Clip:
            is_theirs = one.runner == runner or (is_broken and not one.runner)
            return ended(one, now) if is_theirs else one

        now = self.now()
        clip = self.clips.change(clip_id, closed)
        if clip.has_ended and not clip.is_announced:
            key = self._recorded(clip)
            self.bus.put(_news(clip, key))
            self.clips.change(clip_id, _announced)
        told: Finished = {
            "clip_id": clip_id,
            "state": clip.state,
            "ended": clip.has_ended,
            "videos": len(clip.videos),
            "missing": len(clip.missing),
        }
        logger.info("clip finished", extra={**told, "why": clip.reason})
        return told

    def _recorded(self, clip: Clip) -> RawKey:
        module = sources.module(clip.provider)
        key = RawKey(clip.provider, module.DATASET, clip.at.date(), clip.task_id, "json")
        told = Provenance(stamp(self.now()), content_type="application/json")
        self.zone.put(key, module.custody_bytes(clip), told)
        return key


def ended(clip: Clip, now: datetime) -> Clip:
    """As it is, if it has ended before."""
    if clip.has_ended:
        return clip
    facts = {"ended_at": now, "runner": "", "wait_token": "", "asking_until": None}
    if clip.verdict is Verdict.STORE:
        return _with_videos(clip).with_(**facts)
    if clip.verdict is Verdict.END and clip.ends_as:
        return clip.turned(clip.ends_as, **facts)
    return clip.turned(State.FAILED, reason=_joined(BROKEN_OFF, clip.reason), **facts)


def _with_videos(clip: Clip) -> Clip:
    names = {one.media_key.rsplit("/", maxsplit=1)[-1] for one in clip.videos}
    lacking = tuple(
        Missing(camera=one.camera, reason=clip.unstored.get(str(index), NOT_FETCHED))
        for index, one in enumerate(clip.announced)
        if one.name not in names
    )
    missing = (*clip.missing, *lacking)
    if not clip.videos:
        reason = missing[-1].reason if missing else NOT_FETCHED
        return clip.turned(State.FAILED, missing=missing, reason=reason)
    state = State.PARTLY_STORED if missing else State.STORED
    return clip.turned(state, missing=missing)


def _joined(*parts: str) -> str:
    return ": ".join(part for part in parts if part)


def _announced(clip: Clip) -> Clip:
    """Somebody may have asked for it anew meanwhile."""
    return clip.with_(is_announced=True) if clip.has_ended else clip


def _news(clip: Clip, key: RawKey) -> Detail:
    missing = [MissingVideo(camera=one.camera, reason=one.reason) for one in clip.missing]
    if not clip.has_video:
        return ClipFailed(
            provider=clip.provider,
            clip_id=clip.task_id,
            device=clip.device,
            state=clip.state,
            custody_key=str(key),
            reason=clip.reason,
            missing=missing,
        )
    return ClipStored(
        provider=clip.provider,
        clip_id=clip.task_id,
        device=clip.device,
        state=clip.state,
        custody_key=str(key),
        videos=[
            StoredVideo(
                camera=one.capture_mode,
                media_key=one.media_key,
                bytes=one.bytes,
                sha256=one.sha256,
            )
            for one in clip.videos
        ],
        missing=missing,
    )


def deployed() -> Finishing:
    return Finishing(Clips(tasks.deployed()), raw.deployed(), events.deployed())
