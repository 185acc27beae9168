"""A request for the details of a collision, from its first moment to its end.

    requested -> asked -> received | unanswered | refused | too_large
         ^       |   ^
         |       '---' (no answer came; it is asked again)
         '-- ended without an answer, and is asked for anew

A request may end before the provider has taken it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from telematics.errors import TelematicsError
from telematics.records import Records
from telematics.requesting import Request
from telematics.tasks import Item, Tasks

# A machine that works on a request ends within that; one that is still open then is worked on by
# nobody.
LONGEST = timedelta(hours=24)


class State(StrEnum):
    """How far a request is, or how it ended."""

    REQUESTED = "requested"
    ASKED = "asked"  # the provider took it, and is to call us
    RECEIVED = "received"
    UNANSWERED = "unanswered"
    REFUSED = "refused"  # by the provider, or by us since, for the reason given
    TOO_LARGE = "too_large"  # an answer came, and was larger than what can be taken


_ENDS = frozenset(State) - {State.REQUESTED, State.ASKED}
LEGAL: Mapping[State, frozenset[State]] = {
    State.REQUESTED: _ENDS | {State.ASKED},
    State.ASKED: _ENDS,
    **{end: frozenset({State.REQUESTED}) for end in _ENDS - {State.RECEIVED}},
    State.RECEIVED: frozenset(),
}


class IllegalTransition(TelematicsError):
    """A request can't go from the one state to the other."""


class UnknownCollision(TelematicsError):
    """Nobody has asked for such a collision."""


class Answer(BaseModel):
    """What was posted to one of our addresses; `sha256` is of its exact bytes."""

    model_config = ConfigDict(frozen=True)

    raw_key: str
    sha256: str
    came_at: datetime


class Collision(BaseModel):
    """The task. `runner` names who works on it, `wait_token` is there while that one waits.

    `addresses` are the places in the table of the capabilities that were handed out for it.
    """

    KIND: ClassVar[str] = "collision"
    model_config = ConfigDict(frozen=True, extra="ignore")

    task_id: str
    provider: str
    user_id: str
    provider_user_id: str
    day: date
    at: datetime | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    claim: str
    state: State = State.REQUESTED
    requests: tuple[Request, ...] = ()
    requested_at: datetime  # for the first time: it never changes
    begun_at: datetime  # it does, when it is asked for anew
    asks: int = 0  # how often the provider took it
    failures: int = 0  # in a row, of asking
    pause_seconds: int = 0  # before it is asked again
    addresses: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    verdict: State | None = None  # what it ends as
    reason: str = ""
    ended_at: datetime | None = None
    is_announced: bool = False  # the bus knows how it ended
    runner: str = ""
    wait_token: str = ""
    revision: int = 0

    @property
    def has_ended(self) -> bool:
        return self.state in _ENDS

    def is_abandoned(self, now: datetime) -> bool:
        """Open, but whoever worked on it is gone."""
        return not self.has_ended and now >= self.begun_at + LONGEST

    def with_(self, **facts: object) -> Self:
        return self.model_copy(update=facts)

    def turned(self, state: State, **facts: object) -> Self:
        """Raises IllegalTransition."""
        if state is not self.state and state not in LEGAL[self.state]:
            raise IllegalTransition(f"no collision goes from {self.state} to {state}")
        return self.with_(state=state, **facts)

    def item(self) -> Item:
        """What is empty is not written: nothing is told of it."""
        told = self.model_dump(mode="json", exclude={"task_id", "revision"})
        return {**{name: one or None for name, one in told.items()}, "kind": self.KIND}

    @classmethod
    def of(cls, item: Item) -> Self:
        return cls.model_validate(item)


class Collisions(Records[Collision]):
    """The collisions among the tasks."""

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks, Collision, UnknownCollision)
