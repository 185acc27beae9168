"""Results of tasks are read in whatever shape they come."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.providers.dashcam import answers, tasks
from telematics.providers.dashcam.answers import Answer
from telematics.providers.dashcam.outcomes import Camera, CameraState, Kind, TaskState, outcome
from telematics.providers.dashcam.tasks import Task
from tests.unit.dashcam_server import payload


def understood(content: bytes) -> Task:
    envelope = answers.envelope(content)
    assert envelope is not None
    return tasks.understood(Answer("task", content, envelope))


def task(**data: Any) -> Task:  # Any: JSON of any shape, as below
    return understood(json.dumps({"result": True, "code": "S00000", "data": data}).encode())


def entry(**members: Any) -> dict[str, Any]:
    return {"code": None, "report_at": None, "progress_status": [], **members}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("task_success", Kind.COMPLETE),
        ("task_partial_success", Kind.PARTIAL),
        ("task_upcoming", Kind.PENDING),
    ],
)
def test_a_result_leads_to_an_outcome(name: str, kind: Kind) -> None:
    assert outcome(understood(payload(name)).told, ["ALL"]).kind is kind


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("Upcoming", TaskState.UPCOMING),
        ("processing", TaskState.PROCESSING),
        ("SUCCESS", TaskState.SUCCESS),
        ("Failed", TaskState.FAILED),
        ("Clipping file", TaskState.CLIPPING),
        ("UPLOADING_FILE", TaskState.UPLOADING),
        ("Partial Success", TaskState.PARTIAL_SUCCESS),
        (0, TaskState.UPCOMING),
        (6, TaskState.PARTIAL_SUCCESS),
        (2.0, TaskState.SUCCESS),
        ("3", TaskState.FAILED),
        (7, None),
        (-1, None),
        (2.5, None),
        (True, None),
        ("video processing", None),
        ("", None),
        (None, None),
        ([], None),
    ],
)
def test_a_state_is_a_number_or_its_name(told: object, state: TaskState | None) -> None:
    assert task(process_state=told).state is state


def test_a_number_wins_over_words() -> None:
    assert task(task_state=0, process_state="Success").state is TaskState.UPCOMING


def test_the_newest_report_counts_wherever_it_stands() -> None:
    early, late = entry(code="D_E20003", report_at=10), entry(code="D_S00000", report_at=20)
    assert task(process_history=[early, late]).code == "D_S00000"
    assert task(process_history=[late, early]).code == "D_S00000"
    assert task(process_history=[late, entry(code="D_E20001")]).code == "D_S00000"
    assert task(process_history=[entry(code="D_E1"), entry(code="D_E2")]).code == "D_E2"
    assert task(process_history=[late, entry(code="D_E2", report_at=20)]).code == "D_E2"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("D_E20001", "D_E20001"),
        (" d_e20001 ", "D_E20001"),
        (None, ""),
        ("", ""),
        (7, ""),
        ("Dana Driver", "UNREADABLE"),
    ],
)
def test_only_what_looks_like_a_code_is_one(told: object, code: str) -> None:
    assert task(process_history=[entry(code=told)]).code == code


def test_cameras_without_names_or_states_are_unknown() -> None:
    told = [{"camId": None, "state_number": None}, {"camId": "C_E", "state_number": "6"}, None, 3]
    assert task(process_history=[entry(progress_status=told)]).cameras == (
        Camera("", None),
        Camera("C_E", CameraState.UPLOADED),
    )


def test_a_video_without_a_link_is_not_there() -> None:
    told = [{"capture_mode": "C_F", "video_url": None}, {"video_url": "https://x.example/a"}, "x"]
    [video] = task(videos=told).videos
    assert (video.camera, video.bytes, video.screenshot) == ("", None, None)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["camId", "state_number", "code", "report_at", "progress_status", "video_url"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(VALUES, VALUES, VALUES)
def test_whatever_is_told_can_be_understood(history: Any, state: Any, videos: Any) -> None:
    found = task(process_history=history, process_state=state, videos=videos)
    assert outcome(found.told, ["C_F"]).kind in Kind
