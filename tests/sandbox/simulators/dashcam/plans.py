"""What a test plans for the clips to come, and what can be said of a clip: states and codes.

    POST /_simulator/clips    a plan for the next clips: {"device"?, "count": 1, "history"?,
                              "videos"?, "never_answers": false}
    POST /_simulator/devices  {"device", "state"}: online, standby, offline or too_old

Each step of a history is [seconds, task state, code?, {camera: camera state}?]; videos are like
{"capture_mode": "C_F", "bytes": 60000, "kind": "mp4"}. A device that was told online answers what
waited for it. One that is too old never answers what it was asked, nor does one as planned so.
"""

import msgspec

from tests.sandbox.simulators.choices import must_be_known
from tests.sandbox.simulators.dashcam.files import MOST_BYTES, VIDEO_KINDS

STATES = (
    *("Upcoming", "Processing", "Success", "Failed"),
    *("Clipping file", "Uploading file", "Partial Success"),
)
UPCOMING, PROCESSING, SUCCESS, FAILED, CLIPPING, UPLOADING, PARTIAL = range(7)
CAMERA_STATES = (
    *("Preparing to clip", "Starting clipping", "Clipping successful", "Clipping failed"),
    *("Video not found", "Preparing to upload", "Uploading success", "Upload time expired"),
)
UPLOADED, EXPIRED = 6, 7
CODES = {
    "D_S00000": "Success",
    "D_E20001": "Video is not existing",
    "D_E20002": "Videos merges fail",
    "D_E20003": "Clip process is busy",
    "D_E20004": "Device is busy on uploading events",
    "D_E20005": "Failed to get ticket from server",
    "D_E20006": "2nd SDCard is unmounted",
    "D_E20007": "The task is finished but failed",
    "D_E20009": "Insufficient internal flash storage space",
    "D_E20010": "Upload time expired",
}
CAPTURE_MODES = ("C_F", "C_I", "C_R", "C_E", "GRID", "S_F_I")
DEVICE_STATES = ("online", "standby", "offline", "too_old")


class Step(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Without cameras it says what cameras usually do in such a state."""

    seconds: float
    state: int
    code: str | None = None
    cameras: dict[str, int] | None = None

    def __post_init__(self) -> None:
        must_be_known("task state", self.state, range(len(STATES)))
        must_be_known("code", self.code or "D_S00000", CODES)
        for camera, state in (self.cameras or {}).items():
            must_be_known("camera", camera, CAPTURE_MODES)
            must_be_known("camera state", state, range(len(CAMERA_STATES)))


class Video(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of a plan's."""

    capture_mode: str = "C_F"
    bytes: int | None = None
    kind: str = "mp4"

    def __post_init__(self) -> None:
        must_be_known("capture mode", self.capture_mode, CAPTURE_MODES)
        must_be_known("kind of video", self.kind, VIDEO_KINDS)
        if not 0 <= (self.bytes or 0) <= MOST_BYTES:
            raise ValueError(f"bytes are at most {MOST_BYTES}")


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    """What comes of the next clip requests."""

    device: str | None = None
    count: int = 1
    history: tuple[Step, ...] = (
        *(Step(0, UPCOMING), Step(0.5, PROCESSING), Step(1, CLIPPING)),
        *(Step(2, UPLOADING), Step(3, SUCCESS)),
    )
    videos: tuple[Video, ...] | None = None
    never_answers: bool = False


class Wish(msgspec.Struct, frozen=True):
    """The body of a request for a clip."""

    cam_id: str
    file_name: str
    target_timestamp: int
    single_event: bool = True
    duration_in_seconds: int | None = 30

    def __post_init__(self) -> None:
        must_be_known("cam_id", self.cam_id, ("ALL", *CAPTURE_MODES))
        if not self.file_name or not 0 <= self.target_timestamp < 2**31:
            raise ValueError("file_name is empty, or target_timestamp no UNIX seconds")
        if self.duration_in_seconds is not None and not 1 <= self.duration_in_seconds <= 86_400:
            raise ValueError("duration_in_seconds is from 1 to 86400")
