"""Clips of the simulated dashcams: planned histories, devices that sleep, a clock that hurries."""

import pytest

from tests.sandbox.simulators.dashcam.plans import CAMERA_STATES, CODES, STATES
from tests.unit.simulated_dashcam import NOON, Json, Simulator

DAY_S = 86_400


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


def test_a_clip_goes_through_its_states_to_its_videos(simulator: Simulator) -> None:
    task, states = simulator.clip(), list[int]()
    for _ in range(9):
        told = simulator.task(task)
        states += [told["task_state"]]
        assert bool(told["videos"]) == (told["process_state"] == "Success")
        simulator.now += 0.5

    told, truth = simulator.task(task), simulator.truth()["tasks"][task]
    listed = simulator.get("event/manual", since=NOON - 60, until=NOON)["data"][0]
    assert list(dict.fromkeys(states)) == [0, 1, 4, 5, 2]
    assert [one["state"] for one in told["process_history"]] == [STATES[n] for n in (0, 1, 4, 5, 2)]
    assert [one["capture_mode"] for one in told["videos"]] == ["C_F", "C_I"]
    assert [one["general_filesize"] for one in told["videos"]] == [
        one["bytes"] for one in truth["videos"]
    ]
    assert "video_id" not in told["videos"][0]
    assert told["event_info"] == {"display_name": "claim 7", "video_count": 2}
    assert (listed["uuid"], listed["task_state"]) == (truth["uuid"], 2)
    assert {one["state_number"] for one in listed["last_ack_message"]["progress_status"]} == {6}


@pytest.mark.parametrize("state", range(7))
def test_every_task_state_can_be_produced(simulator: Simulator, state: int) -> None:
    simulator.control("clips", history=[[0, 0], [1, state]])
    task = simulator.clip()
    simulator.now += 1
    told = simulator.task(task)
    assert (told["process_state"], told["task_state"]) == (STATES[state], state)
    assert len(told["videos"]) == {2: 2, 6: 1}.get(state, 0)


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_a_device_can_be_produced(simulator: Simulator, code: str) -> None:
    simulator.control("clips", history=[[0, 3, code, {}]])
    last = simulator.task(simulator.clip())["process_history"][-1]
    assert (last["code"], last["desc"]) == (code, CODES[code])
    assert last["progress_status"] == []


@pytest.mark.parametrize("state", range(8))
def test_every_state_of_a_camera_can_be_produced(simulator: Simulator, state: int) -> None:
    simulator.control("clips", history=[[0, 4, None, {"C_R": state, "C_E": 0}]])
    progress = simulator.task(simulator.clip())["process_history"][-1]["progress_status"]
    expected = {"camId": "C_R", "state": CAMERA_STATES[state], "state_number": state}
    assert progress[0] == expected


def test_videos_of_a_partial_success_are_those_uploaded(simulator: Simulator) -> None:
    videos = [{"capture_mode": mode, "bytes": 7_000} for mode in ("C_F", "C_I", "C_R")]
    history = [[0, 5, None, {"C_F": 6}], [1, 6, None, {"C_F": 6, "C_I": 7, "C_R": 6}]]
    simulator.control("clips", history=history, videos=videos)
    task = simulator.clip()

    def modes() -> list[str]:
        return [one["capture_mode"] for one in simulator.task(task)["videos"]]

    assert modes() == ["C_F"]
    simulator.now += 1
    assert modes() == ["C_F", "C_R"]


def test_a_plan_is_for_so_many_clips_of_its_device(simulator: Simulator) -> None:
    simulator.control("clips", device="driver-0002", count=2, history=[[0, 3, "D_E20003"]])
    states = [simulator.task(simulator.clip(driver))["task_state"] for driver in (1, 2, 2, 2)]
    assert states == [0, 3, 3, 0]


def test_a_device_that_is_offline_answers_once_it_is_back(simulator: Simulator) -> None:
    simulator.control("devices", device="driver-0001", state="offline")
    task = simulator.clip()
    simulator.control("clock", advance=DAY_S)
    assert simulator.task(task)["task_state"] == 0
    device = simulator.devices["driver-0001"]
    assert simulator.control("devices", device=device, state="online")["begun"] == [task]
    simulator.now += 10
    assert simulator.task(task)["task_state"] == 2


def test_what_waited_for_more_than_three_days_has_expired(simulator: Simulator) -> None:
    simulator.control("devices", device="driver-0001", state="offline")
    task = simulator.clip()
    simulator.control("clock", advance=3 * DAY_S + 1)
    simulator.control("devices", device="driver-0001", state="online")
    simulator.now += 10
    last = simulator.task(task)["process_history"][-1]
    assert (last["state"], last["code"]) == ("Failed", "D_E20010")


def test_one_in_standby_wakes_and_one_too_old_never_answers(simulator: Simulator) -> None:
    for driver, state in ((1, "standby"), (2, "too_old")):
        simulator.control("devices", device=f"driver-{driver:04}", state=state)
    simulator.control("clips", device="driver-0003", never_answers=True)
    tasks = [simulator.clip(driver) for driver in (1, 2, 3)]
    simulator.now += 3
    assert simulator.task(tasks[0])["task_state"] == 0
    simulator.control("clock", advance=30 * DAY_S)
    for driver in (2, 3):
        simulator.control("devices", device=f"driver-{driver:04}", state="online")
    assert [simulator.task(task)["task_state"] for task in tasks] == [2, 0, 0]


def test_three_days_pass_in_a_minute(simulator: Simulator) -> None:
    simulator.control("clock", scale=4320)
    simulator.control("clips", history=[[0, 1], [71 * 3600, 4], [73 * 3600, 2]])
    task = simulator.clip()
    simulator.now += 60
    assert simulator.task(task)["task_state"] == 4
    simulator.now += 2
    assert simulator.task(task)["task_state"] == 2
    assert simulator.control("clock", scale=1)["now"] == pytest.approx(NOON + 62 * 4320)


@pytest.mark.parametrize(
    "wish",
    [
        *({"cam_id": ""}, {"cam_id": "C_X"}, {"file_name": ""}, {"target_timestamp": "now"}),
        *({"duration_in_seconds": 0}, {"duration_in_seconds": 86_401}, {"single_event": 3}),
    ],
)
def test_a_wish_that_is_not_as_documented_is_refused(simulator: Simulator, wish: Json) -> None:
    with pytest.raises(AssertionError, match="S40000"):
        simulator.clip(**wish)
    assert simulator.truth()["tasks"] == {}


def test_a_number_that_nobody_documented_can_be_left_out(simulator: Simulator) -> None:
    simulator.control("faults", fault="no_task_state", at="task")
    assert "task_state" not in simulator.task(simulator.clip())


def test_a_hundred_clips_are_made_at_once(simulator: Simulator) -> None:
    tasks = [simulator.clip(number % 40 + 1) for number in range(100)]
    simulator.now += 5
    assert {simulator.task(task)["task_state"] for task in tasks} == {2}
    truth = simulator.truth()["tasks"]
    digests = {video["sha256"] for task in tasks for video in truth[task]["videos"]}
    assert len(digests) == 200
