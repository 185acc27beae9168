"""The result of a remote task, read tolerantly: what is null or new there is unknown here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from pydantic import SecretStr

from telematics.providers.dashcam import about
from telematics.providers.dashcam.answers import Answer
from telematics.providers.dashcam.outcomes import Camera, CameraState, TaskState, Told

_NAMES = {
    "upcoming": TaskState.UPCOMING,
    "processing": TaskState.PROCESSING,
    "success": TaskState.SUCCESS,
    "failed": TaskState.FAILED,
    "clippingfile": TaskState.CLIPPING,
    "uploadingfile": TaskState.UPLOADING,
    "partialsuccess": TaskState.PARTIAL_SUCCESS,
}
_TASK_STATES: Mapping[int | None, TaskState] = {int(one): one for one in TaskState}
_CAMERA_STATES: Mapping[int | None, CameraState] = {int(one): one for one in CameraState}
_CODE = re.compile(r"[A-Z]{1,4}_?[A-Z]{0,3}\d{1,8}")
NO_CODE = "UNREADABLE"  # there is one, but nobody writes them like that


@dataclass(frozen=True)
class Video:
    """A file that is there. Its links are good for nobody knows how long."""

    camera: str
    url: SecretStr
    screenshot: SecretStr | None = None
    file_name: str = ""
    bytes: int | None = None


@dataclass(frozen=True)
class Task:
    """`reported_at`: when the server heard of it last, in UNIX seconds."""

    answer: Answer = field(repr=False)
    state: TaskState | None
    code: str
    cameras: tuple[Camera, ...]
    videos: tuple[Video, ...]
    reported_at: int | None = None

    @property
    def told(self) -> Told:
        there = [video.camera for video in self.videos]
        return Told(self.state, self.code, self.cameras, there)


def understood(answer: Answer) -> Task:
    """`answer.data` is an object, of whatever members."""
    data = msgspec.json.decode(answer.data)
    newest = _newest(_objects(data.get("process_history")))
    return Task(
        answer,
        state=task_state(_first(data, "task_state", "process_state")),
        code=_code(newest.get("code")),
        cameras=tuple(_cameras(newest.get("progress_status"))),
        videos=tuple(videos(data.get("videos"))),
        reported_at=about.seconds(newest.get("report_at")),
    )


def task_state(value: object) -> TaskState | None:
    """A number, its digits, or the name that the reference gives it."""
    if isinstance(value, str) and (name := re.sub(r"[^a-z]", "", value.lower())):
        return _NAMES.get(name)
    return _TASK_STATES.get(_whole(value))


def camera_state(value: object) -> CameraState | None:
    return _CAMERA_STATES.get(_whole(value))


def videos(listed: object) -> list[Video]:
    """Those that can be fetched. A video that names no camera is of one without a name."""
    return [
        Video(
            camera=_text(one.get("capture_mode")),
            url=SecretStr(_text(one.get("video_url"))),
            screenshot=SecretStr(shot) if (shot := _text(one.get("screenshot_url"))) else None,
            file_name=_text(one.get("origin_file_name")),
            bytes=_whole(one.get("general_filesize")),
        )
        for one in _objects(listed)
        if _text(one.get("video_url"))
    ]


def _newest(history: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """By the server's own time; among those without, or with the same, the last."""
    found: dict[str, Any] = {}
    newest = -1
    for entry in history:
        reported = about.seconds(entry.get("report_at"))
        at = -1 if reported is None else reported
        if at >= newest:
            found, newest = entry, at
    return found


def _cameras(listed: object) -> list[Camera]:
    return [
        Camera(_text(one.get("camId")), camera_state(one.get("state_number")))
        for one in _objects(listed)
    ]


def _code(value: object) -> str:
    """Empty where there is none."""
    text = _text(value).upper()
    return text if not text or _CODE.fullmatch(text) else NO_CODE


def _first(members: dict[str, Any], *names: str) -> object:
    return next((members[one] for one in names if members.get(one) not in (None, "")), None)


def _whole(value: object) -> int | None:
    """A number without fraction, or its digits."""
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
        return None
    return int(value)


def _objects(listed: object) -> list[dict[str, Any]]:  # Any: JSON of any shape
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
