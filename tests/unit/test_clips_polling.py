"""What is made of a provider's answers, and how waiting machines hear of it."""

import traceback
from datetime import timedelta

import pytest

from telematics.clips import polling
from telematics.clips.clip import State, Verdict
from telematics.clips.polling import judged, names, unheard
from telematics.clips.sources import Fate, Progress
from telematics.clips.waits import MOST_WAKEFUL_POLLS
from telematics.errors import Forbidden, MissingSetting, NotFound, ProviderBusy
from tests.unit.clip_world import (
    NOW,
    PENDING,
    SECRETS,
    World,
    progress,
    video,
    world,
)

__all__ = ["world"]

LATE = NOW + timedelta(hours=72)


def test_a_machine_is_left_waiting_while_nothing_is_decided(world: World) -> None:
    world.source.answers = [PENDING]
    clip_id = world.begun()

    assert world.polled(clip_id) == ""

    clip = world.clip(clip_id)
    assert (clip.wait_token, clip.polls, clip.has_begun) == ("task-token-1", 1, True)
    assert world.steps.told == []


def test_a_machine_is_answered_at_once_when_videos_are_there(world: World) -> None:
    clip_id = world.begun()

    assert world.polled(clip_id) == "store"

    told = {"clip_id": clip_id, "next": "store", "videos": 2, "wait_seconds": 20}
    assert world.steps.told == [("task-token-1", told)]
    clip = world.clip(clip_id)
    assert clip.wait_token == ""
    assert [one.name for one in clip.announced] == ["C_F-C_F.mp4", "C_I-C_I.mp4"]


def test_what_was_decided_is_told_again_without_asking_anybody(world: World) -> None:
    clip_id = world.begun()
    world.steps.gone = "TaskTimedOut"
    assert world.polled(clip_id, "token-of-before") == "store"
    world.steps.gone = ""

    assert world.polled(clip_id, "token-of-now") == "store"

    assert world.steps.told[0][0] == "token-of-now"
    assert len(world.source.looked) == 1


@pytest.mark.parametrize("gone", ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist"])
def test_a_machine_that_waits_no_longer_is_no_error(world: World, gone: str) -> None:
    clip_id = world.begun()
    world.steps.gone = gone
    assert world.polled(clip_id) == "store"
    assert world.clip(clip_id).verdict is Verdict.STORE


def test_any_other_failure_to_answer_is_one(world: World) -> None:
    clip_id = world.begun()
    world.steps.gone = "AccessDeniedException"
    with pytest.raises(Exception, match="AccessDenied") as caught:
        world.polled(clip_id)
    assert "task-token" not in "".join(traceback.format_exception(caught.value)[-1:])


def test_an_ended_clip_ends_its_machine(world: World) -> None:
    clip_id = world.ready("C_F")
    world.finished(clip_id)
    assert world.polled(clip_id) == "end"


def test_a_webhook_wakes_who_waits(world: World) -> None:
    world.source.answers = [PENDING]
    clip_id = world.begun()
    world.polled(clip_id)

    assert world.polling.wake("dashcam", "task-1") == 1
    assert world.polling.wake("dashcam", "task-1") == 0

    assert world.steps.told == [("task-token-1", {"clip_id": clip_id, "next": "poll"})]
    assert world.clip(clip_id).wait_token == ""


def test_a_webhook_of_somebody_else_wakes_nobody(world: World) -> None:
    world.source.answers = [PENDING]
    world.polled(world.begun())
    assert world.polling.wake("dashcam", "task-2") == 0
    assert world.steps.told == []


def test_a_webhook_for_who_waits_no_longer_is_harmless(world: World) -> None:
    world.source.answers = [PENDING]
    clip_id = world.begun()
    world.polled(clip_id)
    world.steps.gone = "TaskTimedOut"
    assert world.polling.wake("dashcam", "task-1") == 0
    assert world.clip(clip_id).wait_token == ""


def test_webhooks_without_end_wake_nobody_any_more(world: World) -> None:
    world.source.answers = [PENDING]
    clip_id = world.begun()
    world.polled(clip_id)
    world.table.items[clip_id]["polls"] = MOST_WAKEFUL_POLLS + 1
    assert world.polling.wake("dashcam", "task-1") == 0


def test_a_webhook_that_comes_while_we_ask_is_not_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.source.answers = [PENDING]
    clip_id = world.begun()
    woken: list[int] = []

    def progress(clip: object) -> Progress:
        woken.append(world.polling.wake("dashcam", "task-1"))
        return PENDING

    monkeypatch.setattr(world.source, "progress", progress)
    world.polled(clip_id)
    assert woken == [1]


def test_an_answer_about_the_task_before_does_not_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip_id = world.begun()

    def progress(clip: object) -> Progress:
        world.clips.change(clip_id, lambda one: one.with_(provider_task="task-of-later"))
        return Progress(Fate.GONE, has_begun=True)

    monkeypatch.setattr(world.source, "progress", progress)
    assert world.polled(clip_id) == ""
    assert world.clip(clip_id).verdict is None


@pytest.mark.parametrize(
    ("told", "following", "ends_as"),
    [
        (PENDING, "", None),
        (progress(Fate.PENDING, "C_F"), "", None),
        (progress(Fate.COMPLETE, "C_F"), "store", None),
        (progress(Fate.PARTIAL, "C_F", missing={"C_I": "video not found"}), "store", None),
        (progress(Fate.PARTIAL, "C_F"), "store", None),
        (progress(Fate.COMPLETE), "end", State.FAILED),
        (progress(Fate.BUSY, reason="busy"), "ask", None),
        (progress(Fate.GONE, reason="none"), "end", State.GONE),
        (progress(Fate.EXPIRED, reason="late"), "end", State.EXPIRED),
        (progress(Fate.FAILED, reason="broken"), "end", State.FAILED),
    ],
)
def test_every_fate_has_something_to_follow(
    world: World, told: Progress, following: str, ends_as: State | None
) -> None:
    clip = judged(world.clip(world.begun()), told, NOW)
    assert (clip.verdict or "", clip.ends_as) == (following, ends_as)


@pytest.mark.parametrize(
    ("told", "following", "ends_as"),
    [
        (PENDING, "end", State.DEADLINE),
        (progress(Fate.PENDING, has_begun=False), "end", State.TOO_OLD),
        (progress(Fate.PENDING, "C_F", missing={"C_I": "not finished"}), "store", None),
        (progress(Fate.COMPLETE, "C_F"), "store", None),
        (progress(Fate.BUSY, reason="busy"), "end", State.DEADLINE),
        (progress(Fate.GONE, reason="none"), "end", State.GONE),
    ],
)
def test_at_the_deadline_everything_is_decided(
    world: World, told: Progress, following: str, ends_as: State | None
) -> None:
    clip = judged(world.clip(world.begun()), told, LATE)
    assert (clip.verdict, clip.ends_as) == (following, ends_as)


def test_a_device_that_answered_once_is_not_too_old(world: World) -> None:
    world.source.answers = [PENDING, progress(Fate.PENDING, has_begun=False)]
    clip_id = world.begun()
    world.polled(clip_id)
    world.pass_by(hours=72)
    assert world.polled(clip_id) == "end"
    assert world.clip(clip_id).ends_as is State.DEADLINE


def test_a_provider_that_is_busy_is_asked_until_the_deadline(world: World) -> None:
    world.source.answers = [ProviderBusy("503")]
    clip_id = world.begun()
    for _ in range(50):
        assert world.polled(clip_id) == ""
    world.pass_by(hours=72)

    assert world.polled(clip_id) == "end"
    clip = world.clip(clip_id)
    assert (clip.ends_as, clip.reason) == (State.DEADLINE, "503")


@pytest.mark.parametrize("error", [NotFound("404"), Forbidden("403")])
def test_a_refusal_counts_when_it_is_repeated(world: World, error: Exception) -> None:
    world.source.answers = [error, error, PENDING, error, error, error]
    clip_id = world.begun()
    assert [world.polled(clip_id) for _ in range(6)] == ["", "", "", "", "", "end"]
    clip = world.clip(clip_id)
    assert (clip.ends_as, clip.reason) == (State.FAILED, str(error))


def test_a_refusal_between_others_is_forgotten(world: World) -> None:
    clip = world.clip(world.begun()).with_(refusals=2)
    assert unheard(clip, "503", NOW, is_refusal=False).refusals == 0
    assert judged(clip, PENDING, NOW).refusals == 0


def test_what_we_lack_ourselves_fails_the_machine(world: World) -> None:
    world.source.answers = [MissingSetting("no key")]
    clip_id = world.begun()
    with pytest.raises(MissingSetting):
        world.polled(clip_id)
    assert world.clip(clip_id).verdict is None


def test_reasons_show_no_links(world: World) -> None:
    link = "https://media.example/secret-path/x?X-Amz-Signature=abc123"
    world.source.answers = [NotFound(f"nothing at {link}")]
    clip_id = world.begun()
    for _ in range(3):
        world.polled(clip_id)
    shown = repr(world.clip(clip_id))
    assert not any(secret in shown for secret in SECRETS)


def test_a_partial_success_always_says_what_is_missing(world: World) -> None:
    clip = world.clip(world.begun())
    named = judged(clip, progress(Fate.PARTIAL, "C_F", missing={"C_I": "not found"}), NOW)
    assert [(one.camera, one.reason) for one in named.missing] == [("C_I", "not found")]
    silent = judged(clip, progress(Fate.PARTIAL, "C_F"), NOW)
    assert [one.reason for one in silent.missing] == [polling.NOT_SAID]


def test_names_lead_nowhere_and_are_never_alike() -> None:
    found = names(
        [
            video("C_F", "../../etc/passwd"),
            video("C_F", "a b?.mp4"),
            video("C_F", "a_b_.mp4"),
            video("C_F", "a_b_.mp4"),
            video("", "\u202e.mp4"),
            video("C_I", "x" * 500 + ".mp4"),
            video("C/F", "..\\x"),
        ]
    )
    assert found[:4] == ["C_F-passwd", "C_F-a_b_.mp4", "2~C_F-a_b_.mp4", "3~C_F-a_b_.mp4"]
    assert found[4] == "unnamed-mp4"
    assert found[5].endswith("x.mp4")
    assert found[6] == "F-x"
    assert len(set(found)) == len(found)
    assert all(len(one) < 260 and "/" not in one for one in found)
