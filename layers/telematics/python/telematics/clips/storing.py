"""One video from behind its link into the media bucket, whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import TypedDict

import httpx

from telematics import http, links, media, tasks
from telematics.clips import devices, sources
from telematics.clips.clip import Announced, Clip, Clips, Stored
from telematics.clips.devices import Devices
from telematics.clips.polling import names
from telematics.clips.probing import Probe
from telematics.clips.sources import ClipSource, Video
from telematics.errors import (
    DamagedDownload,
    Forbidden,
    InvalidRequest,
    NotFound,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
    UserBlocked,
)
from telematics.links import Followed, Policy
from telematics.media import Media
from telematics.observability import logger
from telematics.raw import Upload
from telematics.redaction import redacted
from telematics.settings import settings

TYPES = ("video/", "application/mp4", "application/octet-stream", "binary/octet-stream")
NO_LONGER_THERE = "the provider has it no longer"


class Event(TypedDict):
    """`index` is its place among the videos that were announced."""

    clip_id: str
    index: int


class Outcome(TypedDict):
    """`reason` is empty where it is stored."""

    index: int
    stored: bool
    reason: str


@dataclass(frozen=True)
class Storing:
    """Everything that storing touches."""

    clips: Clips
    source: Callable[[], ClipSource]
    media: Media
    policy: Policy
    devices: Devices
    client: httpx.Client = field(repr=False)
    now: Callable[[], datetime] = http.utc_now

    def store(self, clip_id: str, index: int) -> Outcome:
        """Raises ProviderBusy or DamagedDownload, once the clip has it, for a later attempt."""
        clip = self.clips.change(clip_id, lambda one: one)
        if not 0 <= index < len(clip.announced):
            raise InvalidRequest(f"{clip_id} has no video {index}")
        wanted = clip.announced[index]
        if any(one.media_key == _key(clip, wanted) for one in clip.videos):
            return _logged(clip, {"index": index, "stored": True, "reason": ""})
        try:
            self._refuse_closed(clip)
            stored = self._stored(clip, wanted)
        except ProviderError as error:
            reason = redacted(str(error))
            self.clips.change(clip_id, partial(_unstored, index=index, reason=reason))
            outcome: Outcome = {"index": index, "stored": False, "reason": reason}
            _logged(clip, outcome)
            if isinstance(error, ProviderRefused):
                return outcome
            raise
        self.clips.change(clip_id, partial(_noted, index=index, stored=stored))
        return _logged(clip, {"index": index, "stored": True, "reason": ""})

    def _refuse_closed(self, clip: Clip) -> None:
        """Somebody may have been blocked since it was asked for."""
        try:
            self.devices.refuse_closed(clip.provider, clip.device, clip.person)
        except UserBlocked as error:
            raise ProviderRefused(str(error)) from None

    def _stored(self, clip: Clip, wanted: Announced) -> Stored:
        """A link that is refused may have expired just now: once more, with another one."""
        try:
            return self._fetched(clip, wanted)
        except (Forbidden, NotFound):
            return self._fetched(clip, wanted)

    def _fetched(self, clip: Clip, wanted: Announced) -> Stored:
        video = self._fresh(clip, wanted)
        link = video.url.get_secret_value()
        with links.followed(self.client, self.policy, link) as followed:
            key, probe = _key(clip, wanted), Probe()
            with self._upload(key, followed) as upload:
                _copy(followed, upload, probe, size=wanted.bytes)
                container = probe.finish()
                done = upload.complete()
        return Stored(
            capture_mode=wanted.camera,
            file_name=media.safe_name(video.file_name),
            media_key=key,
            bytes=done.size,
            sha256=done.sha256,
            container=container,
            stored_at=self.now(),
        )

    def _upload(self, key: str, followed: Followed) -> Upload:
        return self.media.upload(key, content_type=followed.content_type, now=self.now())

    def _fresh(self, clip: Clip, wanted: Announced) -> Video:
        """The same video with a link of now. What was told a moment ago is told again, in time."""
        try:
            videos = self.source().progress(clip).videos
        except (ProviderRefused, InvalidRequest) as error:
            raise ProviderBusy(str(error)) from None
        for video, name in zip(videos, names(videos), strict=True):
            if name == wanted.name:
                return video
        raise ProviderRefused(NO_LONGER_THERE)


def _copy(followed: Followed, upload: Upload, probe: Probe, *, size: int | None) -> None:
    for part in followed:
        probe.feed(part)
        upload.write(part)
        if size and upload.size > size:
            raise DamagedDownload(f"more bytes came than the {size} announced")
    if size and upload.size != size:
        raise DamagedDownload(f"{upload.size} bytes came of the {size} announced")


def _key(clip: Clip, wanted: Announced) -> str:
    return f"{clip.provider}/{clip.task_id}/{wanted.name}"


def _noted(clip: Clip, *, index: int, stored: Stored) -> Clip:
    """One record for each object, that of its latest bytes; a failure before is forgotten."""
    others = tuple(one for one in clip.videos if one.media_key != stored.media_key)
    known = next((one for one in clip.videos if one.media_key == stored.media_key), None)
    if known and known.sha256 == stored.sha256:
        return clip
    unstored = {place: why for place, why in clip.unstored.items() if place != str(index)}
    return clip.with_(videos=(*others, stored), unstored=unstored)


def _unstored(clip: Clip, *, index: int, reason: str) -> Clip:
    return clip.with_(unstored={**clip.unstored, str(index): reason})


def _logged(clip: Clip, outcome: Outcome) -> Outcome:
    told = {"clip_id": clip.task_id, **outcome}
    (logger.info if outcome["stored"] else logger.warning)("clip's video", extra=told)
    return outcome


def policy() -> Policy:
    here = settings()
    return Policy(hosts=here.media_hosts, local=here.media_insecure, types=TYPES)


@cache
def client(policy: Policy) -> httpx.Client:
    """One for all that this function will ever fetch."""
    return links.client(policy)


def deployed() -> Storing:
    provider, allowed = settings().provider, policy()
    return Storing(
        clips=Clips(tasks.deployed()),
        source=lambda: sources.source(provider),
        media=media.deployed(),
        policy=allowed,
        devices=devices.deployed(),
        client=client(allowed),
    )
