"""What is told on the bus: pointers and digests, never payloads, tokens or places."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import boto3
from pydantic import BaseModel, ConfigDict

from telematics.errors import TelematicsError
from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

MOST_NAMED = 100  # an event has at most 256 KB


class NotAnnounced(TelematicsError):
    """The bus did not take the event; what it tells has happened all the same."""


class Event(BaseModel, ABC):
    """`detail_type` is its name, `source` who it comes from."""

    model_config = ConfigDict(frozen=True)
    detail_type: ClassVar[str]

    @property
    @abstractmethod
    def source(self) -> str: ...


class Detail(Event):
    """What every event says that is about something of a provider."""

    provider: str

    @property
    def source(self) -> str:
        return f"telematics.{self.provider}"


class OffloadStored(Detail):
    """One file is in raw."""

    detail_type = "Offload Stored"

    day: date
    dataset: str
    raw_key: str
    size: int
    sha256: str
    etag: str


class OffloadDayComplete(Detail):
    """Every file that the provider listed for a day is in raw."""

    detail_type = "Offload Day Complete"

    day: date
    files: int
    bytes: int


class MissingFile(BaseModel):
    """`file` is its place in the ledger."""

    model_config = ConfigDict(frozen=True)

    file: str
    reason: str


class OffloadDayIncomplete(Detail):
    """Some are not. Of very many missing files only the first are named."""

    detail_type = "Offload Day Incomplete"

    day: date
    files: int
    missing: int
    missing_files: Sequence[MissingFile]


class TimelineReceived(Detail):
    """A notification is in raw that tells of so many things; their details are being asked for."""

    detail_type = "Timeline Received"

    raw_key: str
    sha256: str
    items: int


class ClipRequested(Detail):
    """Somebody wants footage. Without a `clip_id`, nobody has claimed the task yet."""

    detail_type = "Clip Requested"

    device: str
    camera: str
    at: datetime
    duration_s: int
    requester: str
    reason: str
    clip_id: str | None = None
    deadline_hours: float | None = None


class StoredVideo(BaseModel):
    """`media_key` is its place in the media bucket."""

    model_config = ConfigDict(frozen=True)

    camera: str
    media_key: str
    bytes: int
    sha256: str


class MissingVideo(BaseModel):
    """A camera that gave none, and why."""

    model_config = ConfigDict(frozen=True)

    camera: str
    reason: str


class ClipStored(Detail):
    """Footage is in the media bucket. `state` is `stored`, or `partly_stored` if some isn't."""

    detail_type = "Clip Stored"

    clip_id: str
    device: str
    state: str
    custody_key: str
    videos: Sequence[StoredVideo]
    missing: Sequence[MissingVideo]


class ClipFailed(Detail):
    """There is no footage, and this request will bring none: `state` says how it ended."""

    detail_type = "Clip Failed"

    clip_id: str
    device: str
    state: str
    custody_key: str
    reason: str
    missing: Sequence[MissingVideo]


class CollisionRequested(Detail):
    """Somebody wants the details of a collision. Without a `collision_id`, it is not claimed yet.

    Others put it here with what they want, as `POST /v1/collisions` has it. Ours names the task.
    """

    detail_type = "Collision Requested"

    collision_id: str


class CollisionReceived(Detail):
    """The answer is in raw, and on its way into the lake."""

    detail_type = "Collision Received"

    collision_id: str
    state: str
    reason: str
    raw_key: str
    sha256: str


class CollisionUnanswered(Detail):
    """There is no answer, and this request will bring none: `state` says how it ended."""

    detail_type = "Collision Unanswered"

    collision_id: str
    state: str
    reason: str
    raw_key: str = ""
    sha256: str = ""


class UserChanged(Event):
    """Of somebody that only their keyed hash tells from others."""

    subject: str
    status: str
    at: datetime

    @property
    def source(self) -> str:
        return "telematics.users"


class UserRegistered(UserChanged):
    """Their data may flow from now on."""

    detail_type = "User Registered"


class UserBlocked(UserChanged):
    """What comes of them is dropped from now on."""

    detail_type = "User Blocked"


class UserUnblocked(UserChanged):
    """What comes of them is kept again."""

    detail_type = "User Unblocked"


class UserErasureRequested(UserChanged):
    """What comes of them is dropped, and what is there is to be removed."""

    detail_type = "User Erasure Requested"


class UserErased(UserChanged):
    """Nothing of them is left but a tombstone; `sha256` is that of the receipt."""

    detail_type = "User Erased"

    erasure_id: str
    sha256: str


@dataclass(frozen=True)
class Bus:
    """The custom event bus."""

    name: str
    client: "EventBridgeClient"

    def put(self, detail: Event) -> None:
        answer = self.client.put_events(
            Entries=[
                {
                    "EventBusName": self.name,
                    "Source": detail.source,
                    "DetailType": detail.detail_type,
                    "Detail": detail.model_dump_json(),
                }
            ]
        )
        if answer["FailedEntryCount"]:
            code = answer["Entries"][0].get("ErrorCode", "for no given reason")
            raise NotAnnounced(f"the bus refused '{detail.detail_type}': {code}")


@cache
def deployed() -> Bus:
    """The bus of the stack that this function belongs to."""
    return Bus(settings().bus_name, boto3.client("events"))
