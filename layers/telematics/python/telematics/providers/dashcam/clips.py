"""VisionMax as a source of footage, and our record of each request for it."""

from collections.abc import Mapping

from pydantic import SecretStr

from telematics.clips.clip import Clip
from telematics.clips.probing import CONTENT_TYPES
from telematics.clips.sources import Fate, Progress, Video
from telematics.providers.dashcam import client, custody, deliveries, records
from telematics.providers.dashcam.client import Dashcam
from telematics.providers.dashcam.outcomes import (
    NOT_TOLD,
    UNNAMED,
    Camera,
    CameraState,
    Kind,
    TaskState,
    outcome,
)
from telematics.providers.dashcam.tasks import Task

DATASET = custody.DATASET

_STATES: Mapping[CameraState | None, str] = {
    CameraState.PREPARING_TO_CLIP: "preparing to clip",
    CameraState.CLIPPING: "clipping",
    CameraState.CLIPPED: "clipped",
    CameraState.CLIPPING_FAILED: "clipping failed",
    CameraState.NOT_FOUND: "video not found",
    CameraState.PREPARING_TO_UPLOAD: "preparing to upload",
    CameraState.UPLOADED: "uploaded",
    CameraState.EXPIRED: "upload time expired",
}
_FATES: Mapping[Kind, Fate] = {kind: Fate(kind.value) for kind in Kind}


class DashcamClips:
    """Requests are named by our id of the clip: the provider hears of nobody."""

    def __init__(self, api: Dashcam) -> None:
        self._api = api

    def ask(self, clip: Clip) -> str:
        return self._api.request_clip(
            clip.device,
            clip.camera,
            clip.at,
            duration=clip.duration_s,
            file_name=clip.task_id,
        )

    def progress(self, clip: Clip) -> Progress:
        return understood(self._api.task(clip.provider_task), clip.camera)


def understood(task: Task, camera: str) -> Progress:
    found = outcome(task.told, [camera])
    return Progress(
        fate=_FATES[found.kind],
        has_begun=_has_begun(task),
        reason=found.reason,
        cameras={_named(one): _STATES.get(one.state, NOT_TOLD) for one in task.cameras},
        missing=dict(found.missing),
        videos=[Video(one.camera, one.file_name, one.url, one.bytes) for one in task.videos],
    )


def _has_begun(task: Task) -> bool:
    """A server that only waits to send its command has heard nothing of the device."""
    has_state = task.state not in (None, TaskState.UPCOMING)
    return has_state or bool(task.code or task.cameras or task.videos)


def _named(camera: Camera) -> str:
    return camera.name or UNNAMED


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> DashcamClips:
    return DashcamClips(client.connect_shared(fields, base_url=base_url))


def custody_record(clip: Clip) -> custody.Record:
    """`outcome` is the clip's final state. Who asked first is who it is for."""
    first = clip.requests[0]
    return custody.Record(
        clip_id=clip.task_id,
        device=clip.device,
        camera=clip.camera,
        requested_for=clip.at,
        duration_s=clip.duration_s,
        requested_at=clip.requested_at,
        requester=first.requester,
        reason=first.reason,
        person=clip.person or None,
        task_id=clip.provider_task or None,
        outcome=clip.state.value,
        outcome_reason=clip.reason or None,
        ended_at=clip.ended_at,
        files=tuple(
            custody.File(
                camera=one.capture_mode,
                media_key=one.media_key,
                sha256=one.sha256,
                bytes=one.bytes,
                content_type=CONTENT_TYPES[one.container],
                file_name=one.file_name,
                stored_at=one.stored_at,
            )
            for one in clip.videos
        ),
        missing={one.camera or UNNAMED: one.reason for one in clip.missing},
    )


def custody_bytes(clip: Clip) -> bytes:
    return custody.packed(custody_record(clip))


def told_task(body: bytes) -> str:
    return records.text_of(deliveries.message(body).members.get("task_id")) or ""
