"""Two requests for the same footage share one task: the first claims it, the others join.

What joins costs nothing. A task that ended without a video, or that nobody works on any more, is
begun again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from telematics import events, tasks
from telematics.clips import devices
from telematics.clips.clip import Clip, Clips, Request, State
from telematics.clips.devices import Devices
from telematics.clips.wishes import Wish
from telematics.events import Bus
from telematics.requesting import Conflict, is_known, noted


@dataclass(frozen=True)
class Claimed:
    """`joined`: somebody else had asked for it before, and it is under way or there."""

    clip: Clip
    joined: bool


@dataclass(frozen=True)
class Claiming:
    """Where requests are handed in."""

    clips: Clips
    devices: Devices

    def claim(self, wish: Wish, *, now: datetime, key: str = "", driver: str = "") -> Claimed:
        """The same `key` again is the same request: it is noted once. `driver`: if known."""
        request = Request(
            requester=wish.requester,
            reason=wish.reason,
            requested_at=now,
            idempotency_key=tasks.digest_of(key) if key else "",
        )
        is_new = True
        person = driver or self.devices.driver(wish.provider, wish.device)

        def claimed(known: Clip | None) -> Clip:
            nonlocal is_new
            is_new = known is None or _is_to_be_begun(known, request, now)
            if known is None:
                return _first(wish, request, now, person)
            joined = known.with_(requests=noted(known.requests, request))
            return _again(joined, wish, now, person) if is_new else joined

        clip = self.clips.put(wish.clip_id, claimed)
        is_ours = bool(key) and clip.requests[0].idempotency_key == request.idempotency_key
        return Claimed(clip, joined=not is_new and not is_ours)


@dataclass(frozen=True)
class Desk:
    """Claims, and has a machine begin."""

    claiming: Claiming
    bus: Bus

    def request(self, wish: Wish, *, now: datetime, key: str = "", driver: str = "") -> Claimed:
        """Raises UserBlocked, Conflict, or NotAnnounced: then asking again does the rest."""
        self.claiming.devices.refuse_closed(wish.provider, wish.device, driver)
        if key and not self.claiming.clips.tasks.keyed(key, repr(wish), now=now):
            raise Conflict("the idempotency key was used for another request")
        claimed = self.claiming.claim(wish, now=now, key=key, driver=driver)
        clip = claimed.clip
        # Also where somebody claimed it and nobody began: their event may have gone astray.
        if clip.state is State.REQUESTED and not clip.runner:
            self.bus.put(wish.event())
        return claimed


def _is_to_be_begun(clip: Clip, request: Request, now: datetime) -> bool:
    if clip.is_abandoned(now):
        return True
    # Who repeats a request that has ended since wants to know how it ended.
    return clip.has_ended and not clip.has_video and not is_known(clip.requests, request)


def _first(wish: Wish, request: Request, now: datetime, person: str) -> Clip:
    return Clip(
        task_id=wish.clip_id,
        provider=wish.provider,
        device=wish.device,
        camera=wish.camera,
        at=wish.at,
        duration_s=wish.duration_s,
        requests=(request,),
        requested_at=now,
        deadline_at=now + timedelta(hours=wish.deadline_hours),
        person=person,
    )


def _again(clip: Clip, wish: Wish, now: datetime, person: str) -> Clip:
    """From the start; only who asked, and what is stored already, stays."""
    ended = clip if clip.has_ended else clip.turned(State.DEADLINE)
    begun = _first(wish, clip.requests[0], now, person)
    stays = {
        "requests": clip.requests,
        "requested_at": clip.requested_at,
        "videos": clip.videos,
        "revision": clip.revision,
    }
    return begun.with_(state=ended.turned(State.REQUESTED).state, **stays)


def deployed() -> Desk:
    claiming = Claiming(Clips(tasks.deployed()), devices.deployed())
    return Desk(claiming, events.deployed())
