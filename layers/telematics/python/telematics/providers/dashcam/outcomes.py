"""What becomes of a request for footage: the vendor's code tables, and what they mean together.

The numbers of the states are no order: a task goes 0, 1, 4, 5 and ends as 2, 3 or 6.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

ALL = "ALL"  # every camera that has something of the moment


class TaskState(IntEnum):
    """Of a whole request."""

    UPCOMING = 0
    PROCESSING = 1
    SUCCESS = 2
    FAILED = 3
    CLIPPING = 4
    UPLOADING = 5
    PARTIAL_SUCCESS = 6


class CameraState(IntEnum):
    """Of one camera in it."""

    PREPARING_TO_CLIP = 0
    CLIPPING = 1
    CLIPPED = 2
    CLIPPING_FAILED = 3
    NOT_FOUND = 4
    PREPARING_TO_UPLOAD = 5
    UPLOADED = 6
    EXPIRED = 7


class Kind(StrEnum):
    """What to do about a request."""

    PENDING = "pending"  # look again later
    COMPLETE = "complete"  # store what is there: it is all
    PARTIAL = "partial"  # store what is there; the rest won't come of this request
    BUSY = "busy"  # nothing came: the same request may go well later
    GONE = "gone"  # there is no such video, and never will be
    EXPIRED = "expired"  # the camera waited too long for a connection, and gave up
    FAILED = "failed"  # for the reason given


class Meaning(NamedTuple):
    """What a code says where nothing came."""

    kind: Kind
    text: str


TASK_OVER = frozenset({TaskState.SUCCESS, TaskState.FAILED, TaskState.PARTIAL_SUCCESS})
CAMERA_OVER: Mapping[CameraState | None, Meaning] = {
    CameraState.CLIPPING_FAILED: Meaning(Kind.FAILED, "clipping failed"),
    CameraState.NOT_FOUND: Meaning(Kind.GONE, "video not found"),
    CameraState.EXPIRED: Meaning(Kind.EXPIRED, "upload time expired"),
}
SUCCESS_CODES = frozenset({"", "D_S00000", "S00000"})
CODES: Mapping[str, Meaning] = {
    "D_E20001": Meaning(Kind.GONE, "video does not exist"),
    "D_E20002": Meaning(Kind.FAILED, "merging videos failed"),
    "D_E20003": Meaning(Kind.BUSY, "clip process busy"),
    "D_E20004": Meaning(Kind.BUSY, "device busy uploading events"),
    "D_E20005": Meaning(Kind.BUSY, "no ticket from the server"),
    "D_E20006": Meaning(Kind.FAILED, "second SD card unmounted"),
    "D_E20007": Meaning(Kind.FAILED, "finished but failed"),
    "D_E20009": Meaning(Kind.FAILED, "internal flash space insufficient"),
    "D_E20010": Meaning(Kind.EXPIRED, "queued over three days, and removed by the camera"),
}
UNKNOWN_CODE = Meaning(Kind.FAILED, "a code that nobody knows")
NO_VIDEOS = "over, but no video is there"
NOT_LISTED = "uploaded, but not there"
NOT_FINISHED = "not finished"
NOT_TOLD = "nothing is told of it"
UNNAMED = "a camera without a name"


class Camera(NamedTuple):
    """How far one camera is; None where its state is none that we know."""

    name: str
    state: CameraState | None


@dataclass(frozen=True)
class Told:
    """What a task's result says. `code` is the device's; `there` names a camera for each video."""

    state: TaskState | None
    code: str = ""
    cameras: Sequence[Camera] = ()
    there: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """`missing` says why of each camera that was wanted and is not there."""

    kind: Kind
    there: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    reason: str = ""

    @property
    def is_over(self) -> bool:
        return self.kind is not Kind.PENDING

    @property
    def may_ask_again(self) -> bool:
        """Whether the same request has a chance later."""
        if self.kind is Kind.PARTIAL and self.code:
            return _meaning(self.code).kind is Kind.BUSY
        return self.kind is Kind.BUSY


def outcome(told: Told, wanted: Collection[str]) -> Outcome:
    """Never waits for a task that is over. `wanted` names cameras; none, or ALL, means any.

    Complete is only what the provider calls a success, or, where it says nothing that we know, what
    lacks nothing at all.
    """
    named = set() if ALL in wanted else set(wanted)
    there = tuple(dict.fromkeys(told.there))
    missing = _missing(told, named, there)
    if _is_pending(told, named, there, missing):
        return Outcome(Kind.PENDING, there, missing)
    meaning = _verdict(told, there, missing)
    code = "" if told.code in SUCCESS_CODES else told.code
    if not there:
        return Outcome(meaning.kind, (), missing, code, meaning.text)
    if _is_success(told) and not missing:
        return Outcome(Kind.COMPLETE, there, missing, code)
    return Outcome(Kind.PARTIAL, there, missing, code, meaning.text)


def _missing(told: Told, named: set[str], there: Collection[str]) -> Mapping[str, str]:
    """Cameras that were named or spoke up, and whose video is not there, with the reason."""
    reasons = dict.fromkeys(sorted(named), _reason(told.code) or NOT_TOLD)
    for camera in told.cameras:
        if not named or camera.name in named:
            reasons[camera.name or UNNAMED] = _why(camera.state, told.code)
    return {name: reason for name, reason in reasons.items() if name not in there}


def _why(state: CameraState | None, code: str) -> str:
    if state in CAMERA_OVER:
        return CAMERA_OVER[state].text
    if state is CameraState.UPLOADED:
        return NOT_LISTED
    return _reason(code) or (NOT_TOLD if state is None else NOT_FINISHED)


def _reason(code: str) -> str:
    return "" if code in SUCCESS_CODES else _meaning(code).text


def _meaning(code: str) -> Meaning:
    return CODES.get(code, UNKNOWN_CODE)


def _is_pending(
    told: Told, named: set[str], there: Collection[str], missing: Mapping[str, str]
) -> bool:
    if told.state in TASK_OVER:
        return False
    if any(_is_under_way(camera, there) for camera in told.cameras):
        return True
    if told.code not in SUCCESS_CODES:
        return False  # the device has given up, though the server does not say so yet
    if told.state is not None:
        return True
    # The state is none that we know: what is there has to tell.
    is_all = bool(named or told.cameras) and not missing
    has_settled = bool(told.cameras) and all(one.state is not None for one in told.cameras)
    return not (is_all or has_settled)


def _is_under_way(camera: Camera, there: Collection[str]) -> bool:
    if camera.state is CameraState.UPLOADED:
        return camera.name not in there
    return camera.state is not None and camera.state not in CAMERA_OVER


def _is_success(told: Told) -> bool:
    if told.state is None:
        has_failed = any(one.state in CAMERA_OVER for one in told.cameras)
        return told.code in SUCCESS_CODES and not has_failed
    return told.state is TaskState.SUCCESS


def _verdict(told: Told, there: Collection[str], missing: Mapping[str, str]) -> Meaning:
    """The device's code counts; without one, what its cameras say, if all of them say it."""
    if told.code not in SUCCESS_CODES:
        return _meaning(told.code)
    text = ", ".join(dict.fromkeys(missing.values())) or NO_VIDEOS
    absent = [one for one in told.cameras if one.name not in there]
    kinds = {_kind(one.state) for one in absent}
    if not kinds or Kind.FAILED in kinds or len(missing) > len(absent):
        return Meaning(Kind.FAILED, text)
    return Meaning(Kind.EXPIRED if Kind.EXPIRED in kinds else Kind.GONE, text)


def _kind(state: CameraState | None) -> Kind:
    return CAMERA_OVER[state].kind if state in CAMERA_OVER else Kind.FAILED
