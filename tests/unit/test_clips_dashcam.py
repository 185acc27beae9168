"""VisionMax's task states, camera states and codes: each of them ends in a state of a clip."""

import json
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from pydantic import SecretStr

from telematics.clips import sources
from telematics.clips.clip import Clip, State, Verdict
from telematics.clips.finishing import ended
from telematics.clips.polling import judged
from telematics.clips.sources import Fate
from telematics.errors import InvalidRequest, MalformedPayload
from telematics.providers.dashcam import clips, custody
from telematics.providers.dashcam.answers import Answer, Envelope
from telematics.providers.dashcam.outcomes import CODES, Camera, CameraState, TaskState
from telematics.providers.dashcam.tasks import NO_CODE, Task, Video
from tests.unit.clip_world import LINK, NOW, World, world
from tests.unit.dashcam_server import answering, ok, payload

__all__ = ["world"]

NOTHING = Answer("task", b"{}", Envelope())
STATES = [*TaskState, None]
CAMERA_STATES = [*CameraState, None]
ALL_CODES = ["", "D_S00000", *CODES, "D_E99999", NO_CODE]
LATE = NOW + timedelta(hours=73)


def video(camera: str) -> Video:
    return Video(camera, SecretStr(LINK.format(camera)), file_name=f"{camera}.mp4")


def task(
    state: TaskState | None, code: str, cameras: dict[str, CameraState | None], *there: str
) -> Task:
    told = tuple(Camera(name, one) for name, one in cameras.items())
    return Task(NOTHING, state, code, told, tuple(video(one) for one in there))


def outcome(clip: Clip, found: Task) -> State | None:
    """How it ends, if all that is there can be stored; None while it goes on."""
    heard = judged(clip, clips.understood(found, clip.camera), NOW)
    if heard.verdict is None:
        late = judged(clip, clips.understood(found, clip.camera), LATE)
        assert late.verdict in (Verdict.STORE, Verdict.END)
        assert _stored(late).has_ended
        return None
    return State.BUSY if heard.verdict is Verdict.ASK else _stored(heard).state


def _stored(clip: Clip) -> Clip:
    videos = tuple(
        {"media_key": f"dashcam/x/{one.name}", "capture_mode": one.camera, "file_name": one.name}
        | {"bytes": 1, "sha256": "a", "container": "mp4", "stored_at": NOW}
        for one in clip.announced
    )
    return ended(Clip.model_validate(clip.model_dump() | {"videos": videos}), NOW)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("camera_state", CAMERA_STATES)
def test_every_combination_ends_in_a_state(
    world: World, state: TaskState | None, camera_state: CameraState | None
) -> None:
    clip = world.clip(world.begun())
    cameras = [{}, {"C_F": camera_state}, {"C_F": camera_state, "C_I": CameraState.UPLOADED}]
    there: list[tuple[str, ...]] = [(), ("C_F",), ("C_I",), ("",)]
    for code, told, videos in product(ALL_CODES, cameras, there):
        found = outcome(clip, task(state, code, told, *videos))
        is_over = state in (TaskState.SUCCESS, TaskState.FAILED, TaskState.PARTIAL_SUCCESS)
        assert found is not None or not is_over
        assert (found in (State.STORED, State.PARTLY_STORED)) == (
            found is not None and bool(videos)
        )


@pytest.mark.parametrize(
    ("state", "code", "cameras", "there", "found"),
    [
        (0, "", {}, (), None),
        (1, "D_S00000", {"C_F": 0}, (), None),
        (4, "D_S00000", {"C_F": 2}, (), None),
        (5, "D_S00000", {"C_F": 5}, ("C_I",), None),
        (None, "", {}, (), None),
        (2, "D_S00000", {"C_F": 6}, ("C_F",), "stored"),
        (2, "", {}, ("C_F", "C_I"), "stored"),
        (2, "D_S00000", {"C_F": 6}, (), "failed"),
        (2, "", {}, (), "failed"),
        (6, "D_S00000", {"C_F": 6, "C_I": 4}, ("C_F",), "partly_stored"),
        (6, "D_S00000", {"C_F": 6, "C_I": 7}, ("C_F",), "partly_stored"),
        (6, "", {}, ("C_F",), "partly_stored"),
        (6, "", {}, (), "failed"),
        (3, "D_E20001", {}, (), "gone"),
        (3, "", {"C_F": 4}, (), "gone"),
        (3, "D_E20002", {}, (), "failed"),
        (3, "D_E20003", {}, (), "busy"),
        (3, "D_E20004", {}, (), "busy"),
        (3, "D_E20005", {}, (), "busy"),
        (3, "D_E20006", {}, (), "failed"),
        (3, "D_E20007", {}, (), "failed"),
        (3, "D_E20009", {}, (), "failed"),
        (3, "D_E20010", {}, (), "expired"),
        (3, "", {"C_F": 7}, (), "expired"),
        (3, "D_E20008", {}, (), "failed"),
        (3, "", {}, (), "failed"),
    ],
)
def test_each_end_has_its_name(
    world: World,
    state: int | None,
    code: str,
    cameras: dict[str, int],
    there: tuple[str, ...],
    found: str | None,
) -> None:
    clip = world.clip(world.begun())
    told: dict[str, CameraState | None] = {name: CameraState(one) for name, one in cameras.items()}
    known = None if state is None else TaskState(state)
    assert outcome(clip, task(known, code, told, *there)) == found


@pytest.mark.parametrize("state", [TaskState.UPCOMING, None])
def test_a_device_that_never_answers_is_too_old_at_the_deadline(
    world: World, state: TaskState | None
) -> None:
    clip = world.clip(world.begun())
    silent = clips.understood(task(state, "", {}), "ALL")
    assert not silent.has_begun
    assert judged(clip, silent, NOW).verdict is None
    assert judged(clip, silent, LATE).ends_as is State.TOO_OLD


@pytest.mark.parametrize(
    "told",
    [
        task(TaskState.PROCESSING, "", {}),
        task(TaskState.UPCOMING, "D_S00000", {}),
        task(None, "", {"C_F": None}),
        task(TaskState.UPCOMING, "", {}, "C_F"),
    ],
)
def test_a_device_that_said_anything_has_begun(told: Task) -> None:
    assert clips.understood(told, "ALL").has_begun


def test_how_far_each_camera_is_is_told_in_words() -> None:
    told = task(TaskState.PROCESSING, "", {"C_F": CameraState.CLIPPING, "C_I": None, "": None})
    assert clips.understood(told, "ALL").cameras == {
        "C_F": "clipping",
        "C_I": "nothing is told of it",
        "a camera without a name": "nothing is told of it",
    }


def test_a_clip_is_asked_for_under_our_own_name(world: World) -> None:
    server = answering(ok(payload("clip")))
    clip = world.clip(world.begun(reason="Dana's claim"))

    assert clips.DashcamClips(server.client()).ask(clip) == "task-77"

    assert json.loads(server.requests[0].content) == {
        "cam_id": "ALL",
        "file_name": clip.task_id,
        "target_timestamp": 1709622750,
        "single_event": True,
        "duration_in_seconds": 30,
    }
    assert server.paths == ["POST /V2/event/upload/cid-0001"]


def test_a_result_is_asked_for_and_understood(world: World) -> None:
    server = answering(ok(payload("task_partial_success")))
    clip = world.clip(world.begun())

    found = clips.DashcamClips(server.client()).progress(clip)

    assert server.paths == ["GET /V2/event/taskResult/task-1"]
    assert (found.fate, dict(found.missing)) == (Fate.PARTIAL, {"C_I": "video not found"})
    [there] = found.videos
    assert (there.file_name, there.bytes) == ("20240305_071230_C_F.mp4", 10485760)
    assert "secret-path" not in repr(found)


def test_a_webhook_names_the_task_it_tells_of() -> None:
    assert clips.told_task(payload("message_task_update")) == "task-77"
    none: dict[str, Any] = {"messageId": "m", "hookName": "GPS_UPDATE", "message": "{}"}
    assert clips.told_task(json.dumps(none).encode()) == ""
    with pytest.raises(MalformedPayload):
        clips.told_task(b"no json")


def test_a_record_reads_as_it_was_written(world: World) -> None:
    clip_id = world.ready("C_F")
    world.storing.store(clip_id, 0)
    world.finished(clip_id)
    clip = world.clip(clip_id)
    record = clips.custody_record(clip)
    assert custody.unpacked(clips.custody_bytes(clip)) == record
    assert record.files[0].sha256 == clip.videos[0].sha256
    assert [row["camera"] for row in custody.rows(record)] == ["C_F"]


def test_who_has_no_clips_is_told_who_has(world: World) -> None:
    with pytest.raises(InvalidRequest, match="dashcam"):
        sources.provider("sentiance")
    assert sources.module("dashcam").DATASET == "clips"
