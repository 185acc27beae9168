"""A clip: footage that somebody asked for, from the first request to its end.

    requested -> pending -> stored | partly_stored | gone | expired | too_old | failed | deadline
         ^        |   ^
         |       busy-'     (the device had no time; it is asked again)
         '-- ended without a video, and is asked for anew

A request may end before the provider has taken it, as failed or deadline.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from telematics.errors import TelematicsError
from telematics.records import Records
from telematics.requesting import Request as Asked
from telematics.tasks import Item, Tasks, provider_name

# A machine that works on a clip ends with its deadline; one that is still open then is worked on
# by nobody.
GRACE = timedelta(hours=1)


class State(StrEnum):
    """How far a clip is, or how it ended."""

    REQUESTED = "requested"
    PENDING = "pending"  # the provider has a task for it
    BUSY = "busy"  # the device had no time for it, and is to be asked again
    STORED = "stored"
    PARTLY_STORED = "partly_stored"  # `missing` says what isn't there, and why
    GONE = "gone"  # there is no such footage, and never will be
    EXPIRED = "expired"  # the camera waited too long for a connection, and gave up
    TOO_OLD = "too_old"  # the device never answered: so do those that are too old for it
    FAILED = "failed"  # for the reason given
    DEADLINE = "deadline"  # time was up


_ENDS = frozenset(State) - {State.REQUESTED, State.PENDING, State.BUSY}
WITH_VIDEO = frozenset({State.STORED, State.PARTLY_STORED})
UNASKED_ENDS = frozenset({State.FAILED, State.DEADLINE})
LEGAL: Mapping[State, frozenset[State]] = {
    State.REQUESTED: UNASKED_ENDS | {State.PENDING},
    State.PENDING: _ENDS | {State.BUSY},
    State.BUSY: UNASKED_ENDS | {State.PENDING},
    **{end: frozenset({State.REQUESTED}) for end in _ENDS - WITH_VIDEO},
    **{end: frozenset() for end in WITH_VIDEO},
}


class Verdict(StrEnum):
    """What is to be done next, once the provider's task is over."""

    STORE = "store"
    ASK = "ask"
    END = "end"


class IllegalTransition(TelematicsError):
    """A clip can't go from the one state to the other."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Request(Asked):
    """And what for."""

    reason: str


class Announced(_Part):
    """A video that the provider has. `name` is that of its file in the media bucket."""

    camera: str
    name: str
    bytes: int | None = None


class Stored(_Part):
    """A video in the media bucket; `sha256` is of its exact bytes."""

    capture_mode: str
    file_name: str
    media_key: str
    bytes: int
    sha256: str
    container: str
    stored_at: datetime


class Missing(_Part):
    """A camera whose video is not there."""

    camera: str
    reason: str


class Clip(_Part):
    """The task. `runner` names who works on it, `wait_token` is there while that one waits."""

    KIND: ClassVar[str] = "clip"

    task_id: str
    provider: str
    device: str
    camera: str
    at: datetime
    duration_s: int
    state: State = State.REQUESTED
    requests: tuple[Request, ...] = ()
    requested_at: datetime  # for the first time: it never changes
    deadline_at: datetime
    person: str = ""  # who drove, as the provider calls them, where that is known
    provider_task: str = ""
    asks: int = 0  # how often the provider took it
    polls: int = 0
    failures: int = 0  # in a row, of questions to the provider
    refusals: int = 0
    has_begun: bool = False  # the device has answered
    cameras: Mapping[str, str] = {}
    verdict: Verdict | None = None
    ends_as: State | None = None
    announced: tuple[Announced, ...] = ()
    unstored: Mapping[str, str] = {}  # why, by the place among those that were announced
    videos: tuple[Stored, ...] = ()
    missing: tuple[Missing, ...] = ()
    reason: str = ""
    ended_at: datetime | None = None
    is_announced: bool = False  # the bus knows how it ended
    runner: str = ""
    asking_until: datetime | None = None
    wait_token: str = ""
    revision: int = 0

    @property
    def has_ended(self) -> bool:
        return self.state in _ENDS

    @property
    def has_video(self) -> bool:
        return self.state in WITH_VIDEO

    def is_over_time(self, now: datetime) -> bool:
        return now >= self.deadline_at

    def is_abandoned(self, now: datetime) -> bool:
        """Open, but whoever worked on it is gone."""
        return not self.has_ended and now >= self.deadline_at + GRACE

    def with_(self, **facts: object) -> Self:
        return self.model_copy(update=facts)

    def turned(self, state: State, **facts: object) -> Self:
        """Raises IllegalTransition."""
        if state is not self.state and state not in LEGAL[self.state]:
            raise IllegalTransition(f"no clip goes from {self.state} to {state}")
        return self.with_(state=state, **facts)

    def item(self) -> Item:
        """What is empty is not written: nothing is told of it."""
        told = self.model_dump(mode="json", exclude={"task_id", "revision"})
        if self.provider_task:
            told["provider_task"] = provider_name(self.provider, self.provider_task)
        kept = {name: one or None for name, one in told.items()}
        # Only what is open is in the index of what is, by its deadline.
        return {**kept, "kind": self.KIND, "open": None if self.has_ended else self.KIND}

    @classmethod
    def of(cls, item: Item) -> Self:
        told = {name: one for name, one in item.items() if name != "provider_task"}
        given = str(item.get("provider_task", ""))
        _, _, provider_task = given.partition("/")
        return cls.model_validate({**told, "provider_task": provider_task})


class UnknownClip(TelematicsError):
    """Nobody has asked for such a clip."""


class Clips(Records[Clip]):
    """The clips among the tasks."""

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks, Clip, UnknownClip)
