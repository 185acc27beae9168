"""Clips in the fields that the vendor documents: how far they are, and their videos."""

from collections.abc import Callable
from typing import TypeAlias

from tests.sandbox.simulators.chance import identity, share
from tests.sandbox.simulators.dashcam import mp4
from tests.sandbox.simulators.dashcam.files import File
from tests.sandbox.simulators.dashcam.plans import (
    CAMERA_STATES,
    CLIPPING,
    CODES,
    PROCESSING,
    STATES,
    SUCCESS,
    UPCOMING,
    UPLOADING,
    Step,
)
from tests.sandbox.simulators.dashcam.tasks import Task
from tests.sandbox.simulators.people import Person

Json: TypeAlias = dict[str, object]
Link: TypeAlias = Callable[[File], str]

SHARE_WITH_SOUND = 0.5
DONE = Step(0, SUCCESS, "D_S00000", {})


def result(task: Task, person: Person | None, *, now: float, days: float, link: Link) -> Json:
    wish = task.wish
    steps, known = task.steps(now), task.videos(now)
    state = steps[-1][1].state
    return {
        "process_history": [report(task, *step) for step in steps],
        "process_state": STATES[state],
        "task_state": state,  # documented of manual uploads only
        "event_info": {"display_name": wish.file_name, "video_count": len(known)},
        "video_info": {
            "duration": task.duration_s,
            "device_name": name_of(person) if person else "",
            "video_start_timestamp": task.start,
            "video_end_timestamp": task.start + task.duration_s,
            "title": wish.file_name,
            "ticket": ticket(task.id),
            "expiry": round(days),
        },
        "videos": [video(file, link) for file in known],
    }


def update(task: Task, moment: float, step: Step) -> Json:
    """The message of TASK_UPDATE, which the vendor doesn't document."""
    ids: Json = {"task_id": task.id, "device_cid": task.device, "timestamp": int(moment)}
    return {**ids, "task_state": step.state, **report(task, moment, step, reports_cameras=True)}


def report(task: Task | None, moment: float, step: Step, *, reports_cameras: bool = False) -> Json:
    """Nobody has reported yet where the server only sends its command."""
    code = step.code or (None if step.state == UPCOMING else "D_S00000")
    cameras = task.cameras(step) if task else {}
    progress = [
        {
            "camId": camera,
            "state": CAMERA_STATES[state],
            "state_number": state,
            **({"report_at": int(moment)} if reports_cameras else {}),
        }
        for camera, state in cameras.items()
    ]
    stages = {PROCESSING: "(1/3)", CLIPPING: "(2/3)", UPLOADING: "(3/3)"}
    return {
        "desc": CODES[code] if code else None,
        "state": STATES[step.state],
        "report_at": int(moment),
        "code": code,
        "progress_status": progress,
        "state_desc": stages.get(step.state),
    }


def video(file: File, link: Link) -> Json:
    """Units are not documented: seconds here."""
    size, duration = file.told_bytes, file.duration_s
    sound: Json = {
        "audio_streamorder": 1,
        "audio_format": "AAC",
        "audio_codecid": "mp4a-40-2",
        "audio_duration": duration,
        "audio_bitrate": 64_000,
        "audio_bitrate_nominal": 64_000,
    }
    return {
        "video_url": link(file),
        "screenshot_url": link(File(file.key, "jpeg", file.start, file.capture_mode)),
        "origin_file_name": f"{file.start}_{file.capture_mode}.mp4",
        "general_format": "MPEG-4",
        "general_filesize": size,
        "general_duration": duration,
        "video_streamorder": 0,
        "video_codecid": "avc1",
        "video_duration": duration,
        "video_bitrate": size * 8 // duration,
        "video_width": mp4.WIDTH,
        "video_height": mp4.HEIGHT,
        "video_framerate": 1,
        "video_colorspace": "YUV",
        **(sound if share(file.key, "sound") < SHARE_WITH_SOUND else {}),
        "video_start_at": file.start,
        "video_end_at": file.start + duration,
        "capture_mode": file.capture_mode,
    }


def name_of(person: Person) -> str:
    """What the fleet calls the car, and the dashcam in it."""
    return f"CAR-{person.number:04}"


def ticket(key: str) -> str:
    return identity(16, key, "ticket")
