"""Clips that were asked for: each goes through its history once its device has heard of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.dashcam.files import File
from tests.sandbox.simulators.dashcam.plans import (
    CLIPPING,
    EXPIRED,
    FAILED,
    PARTIAL,
    PROCESSING,
    SUCCESS,
    UPCOMING,
    UPLOADED,
    UPLOADING,
    Plan,
    Step,
    Video,
    Wish,
)
from tests.sandbox.simulators.dashcam.settings import Clock, Knobs

WAKING_SECONDS = 3
QUEUED_S = 3 * 86_400
_CAMERAS_OF_ALL = ("C_F", "C_I")
_USUAL_CAMERA_STATES = {PROCESSING: 0, CLIPPING: 2, UPLOADING: 5, SUCCESS: UPLOADED, FAILED: 3}
_QUEUED_TOO_LONG = (Step(0, UPCOMING), Step(0.5, PROCESSING), Step(1, FAILED, "D_E20010"))


@dataclass(eq=False)
class Task:
    """One clip; it has not begun until its device has heard of it."""

    id: str
    device: str
    wish: Wish
    asked_at: float
    history: tuple[Step, ...]
    files: tuple[File, ...]
    never_answers: bool
    begun_at: float | None = None

    @property
    def duration_s(self) -> int:
        return self.wish.duration_in_seconds or 30

    @property
    def start(self) -> int:
        return self.wish.target_timestamp - self.duration_s // 2

    def steps(self, now: float) -> list[tuple[float, Step]]:
        """When, and what: at least that it was asked."""
        if self.begun_at is None:
            return [(self.asked_at, Step(0, UPCOMING))]
        times = ((self.begun_at + step.seconds, step) for step in self.history)
        done = [(time, step) for time, step in times if time <= now]
        return done or [(self.asked_at, Step(0, UPCOMING))]

    def cameras(self, step: Step) -> dict[str, int]:
        if step.cameras is not None:
            return step.cameras
        modes = list(dict.fromkeys(file.capture_mode for file in self.files))
        if step.state == PARTIAL:
            return {mode: EXPIRED if number else UPLOADED for number, mode in enumerate(modes)}
        usual = _USUAL_CAMERA_STATES.get(step.state)
        return {} if usual is None else dict.fromkeys(modes, usual)

    def videos(self, now: float) -> tuple[File, ...]:
        """All in the end; before, or where not all succeed, those of cameras that say so."""
        _, last = self.steps(now)[-1]
        cameras = self.cameras(last)
        is_done = last.state == SUCCESS
        return tuple(f for f in self.files if is_done or cameras.get(f.capture_mode) == UPLOADED)


class Tasks:
    """All of them, the plans for those to come, and the devices they are for."""

    def __init__(self, clock: Clock, knobs: Knobs) -> None:
        self.all: dict[str, Task] = {}
        self.plans: list[Plan] = []
        self._clock = clock
        self._knobs = knobs
        self._states: dict[str, str] = {}

    def ask(self, device: str, wish: Wish) -> Task:
        now, plan = self._clock.now(), self._next_plan(device)
        state = self._states.get(device, "online")
        task = Task(
            id=identity(24, "task", len(self.all), now),
            device=device,
            wish=wish,
            asked_at=now,
            history=plan.history,
            files=(),
            never_answers=plan.never_answers or state == "too_old",
        )
        task.files = tuple(self._files(task, plan))
        self.all[task.id] = task
        if state == "standby":
            self._states[device] = "online"
        if state in ("online", "standby") and not task.never_answers:
            task.begun_at = now + WAKING_SECONDS * (state == "standby")
        return task

    def turn(self, device: str, state: str) -> list[Task]:
        """Those that begin because their device is back."""
        self._states[device] = state
        begun = list[Task]()
        for task in self.all.values():
            is_waiting = task.device == device and task.begun_at is None and not task.never_answers
            if is_waiting and state == "online":
                task.begun_at = self._clock.now()
                if task.begun_at - task.asked_at > QUEUED_S:
                    task.history = _QUEUED_TOO_LONG
                begun.append(task)
        return begun

    def _next_plan(self, device: str) -> Plan:
        for plan in self.plans:
            if plan.device in (None, device):
                plan.count -= 1
                if plan.count <= 0:
                    self.plans.remove(plan)
                return plan
        return Plan()

    def _files(self, task: Task, plan: Plan) -> Iterable[File]:
        wish = task.wish
        modes = _CAMERAS_OF_ALL if wish.cam_id == "ALL" else (wish.cam_id,)
        videos = plan.videos if plan.videos is not None else [Video(mode) for mode in modes]
        for number, video in enumerate(videos):
            yield File(
                f"{task.id}/{number}",
                video.kind,
                task.start,
                video.capture_mode,
                size=self._knobs.video_bytes if video.bytes is None else video.bytes,
                duration_s=task.duration_s,
            )
