"""The functions of a clip, one after the other as its machine calls them, and those of the desk."""

import base64
import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from functions import (
    begin_clip,
    finish_clip,
    poll_clip,
    request_clip,
    resume_task,
    show_clip,
    store_clip,
)
from telematics import callbacks, events, links, media, raw, secrets, settings, tasks
from telematics.clips import (
    asking,
    sources,
    storing,
    waits,
)
from telematics.clips import desk as clips_desk
from telematics.clips.clip import Clip
from telematics.clips.sources import Fate
from telematics.media import Media
from telematics.observability import metrics
from telematics.raw import Provenance, RawKey
from telematics.secrets import Secrets
from telematics.users import gate
from tests.unit.clip_world import DETAIL, NOW, PENDING, World, mp4, progress, world
from tests.unit.dashcam_server import fields, payload
from tests.unit.lambda_call import Context, message
from tests.unit.private_call import answered, event

__all__ = ["world"]

ENVIRONMENT = {
    "PROVIDER": "dashcam",
    "PROVIDER_BASE_URL": "https://visionmax.example",
    "SECRET_ARN": "arn",
    "CLIP_FIRST_WAIT_SECONDS": "10",
    "CLIP_LONGEST_WAIT_SECONDS": "900",
    "MEDIA_HOSTS": "media.example, *.cdn.example",
    "MEDIA_INSECURE": "127.0.0.1:4800",
}
BODY = {name: one for name, one in DETAIL.items() if name != "provider"}


@pytest.fixture
def stack(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    here = settings.Settings(ENVIRONMENT)
    for module in (clips_desk, poll_clip, resume_task, asking, waits, storing, sources):
        monkeypatch.setattr(module, "settings", lambda: here)
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setattr(sources, "source", lambda _: world.source)
    monkeypatch.setattr(tasks, "deployed", lambda: world.clips.tasks)
    monkeypatch.setattr(gate, "deployed", world.users.gate)
    monkeypatch.setattr(events, "deployed", lambda: world.bus.bus)
    monkeypatch.setattr(raw, "deployed", lambda: world.raw.zone)
    monkeypatch.setattr(media, "deployed", lambda: Media(world.media.zone))
    monkeypatch.setattr(callbacks, "deployed", lambda: world.callbacks)
    monkeypatch.setattr(links, "client", lambda _: world.storing.client)
    storing.client.cache_clear()
    return world


def request(body: object = BODY, **headers: str) -> tuple[int, dict[str, Any]]:
    told = event("POST /v1/clips", body, headers=headers)
    return answered(request_clip.handler(told, Context()))[:2]


def show(clip_id: str) -> tuple[int, dict[str, Any]]:
    told = event("GET /v1/clips/{clip_id}", path={"clip_id": clip_id})
    return answered(show_clip.handler(told, Context()))[:2]


def begin(stack: World) -> dict[str, Any]:
    _, _, detail = stack.bus.put[0]
    told = begin_clip.handler({"detail": detail, "execution": "run-1"}, Context())
    return dict(json.loads(json.dumps(told)))


def test_a_clip_goes_all_the_way(stack: World) -> None:
    stack.source.answers = [PENDING, progress(Fate.COMPLETE, "C_F", "C_I")]
    code, told = request()
    clip_id = told["clip_id"]
    assert (code, told["state"], told["joined"]) == (202, "requested", False)

    assert begin(stack)["next"] == "poll"
    poll = {"clip_id": clip_id, "token": "t-1", "wait_seconds": 10}
    assert poll_clip.handler(cast(Any, poll), Context())["next"] == ""
    assert poll_clip.handler(cast(Any, poll | {"token": "t-2"}), Context())["next"] == "store"
    assert stack.steps.told[-1][1]["videos"] == 2
    for index in (0, 1):
        assert store_clip.handler({"clip_id": clip_id, "index": index}, Context())["stored"]
    assert (
        finish_clip.handler({"clip_id": clip_id, "execution": "run-1"}, Context())["state"]
        == "stored"
    )

    code, shown = show(clip_id)
    assert (code, shown["state"], len(shown["videos"])) == (200, "stored", 2)
    assert set(stack.media.objects.values()) == {mp4()}
    assert [name for _, name, _ in stack.bus.put] == ["Clip Requested", "Clip Stored"]
    assert request()[1]["joined"]


def test_what_is_shown_is_about_the_clip_and_not_about_the_machine(stack: World) -> None:
    stack.source.answers = [PENDING]
    _, told = request(Idempotency_Key="key-1")
    begin(stack)
    poll_clip.handler({"clip_id": told["clip_id"], "token": "task-token"}, Context())

    _, shown = show(told["clip_id"])

    assert shown["clip_id"] == told["clip_id"]
    assert (shown["state"], shown["device"], shown["polls"]) == ("pending", "cid-0001", 1)
    assert shown["requests"][0]["requester"] == "claims-desk"
    assert "task-token" not in json.dumps(shown)
    assert shown.keys().isdisjoint({"wait_token", "runner", "revision", "task_id"})


def test_whoever_adds_a_field_to_a_clip_decides_whether_it_is_shown() -> None:
    hidden = {"wait_token", "runner", "asking_until", "revision", "is_announced", "task_id"}
    hidden |= {"person"}
    shown = set(clips_desk.ClipShown.model_fields)
    assert shown == set(Clip.model_fields) - hidden | {"clip_id"}


def test_who_asks_is_the_role_that_signed(stack: World) -> None:
    body = {name: one for name, one in BODY.items() if name != "requester"}
    _, told = request(body)
    assert stack.clip(told["clip_id"]).requests[0].requester == "ClaimsDesk"
    assert "dana" not in repr(stack.table.items)


def test_who_is_no_role_is_the_api(stack: World) -> None:
    body = {name: one for name, one in BODY.items() if name != "requester"}
    told = event("POST /v1/clips", body, role="nobody")
    told = answered(request_clip.handler(told, Context())).told
    assert stack.clip(told["clip_id"]).requests[0].requester == "api"


def test_the_same_key_is_the_same_request_and_another_is_a_conflict(stack: World) -> None:
    first = request(idempotency_key="key-1")
    assert request(Idempotency_Key="key-1") == first
    assert request(BODY | {"reason": "another"}, idempotency_key="key-1")[0] == 409


def test_a_body_in_base64_is_the_same_body(stack: World) -> None:
    told = event("POST /v1/clips", base64.b64encode(json.dumps(BODY).encode()).decode())
    told["isBase64Encoded"] = True
    assert answered(request_clip.handler(told, Context())).status == 202


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "body: Field required"),
        ("[1]", "not a JSON object"),
        ("[" * 9999, "not a JSON object"),
        ({**BODY, "camera": "front camera"}, "camera is spelt like C_F"),
        ({**BODY, "when": "now"}, "when: Extra inputs are not permitted"),
        ({**BODY, "at": "2024-03-05"}, "at is a time"),
        ({}, "device: Field required"),
        ({**BODY, "device": "a/b"}, "device is the id"),
        ({**BODY, "duration_s": "30"}, "duration_s: Input should be a valid integer"),
    ],
)
def test_a_senseless_request_is_told_what_is_wrong(stack: World, body: object, why: str) -> None:
    code, told = request(body)
    assert code == 400
    assert why in told["detail"]
    assert stack.table.items == {}
    assert stack.bus.put == []


def test_a_key_that_is_none_is_refused(stack: World) -> None:
    assert request(Idempotency_Key="x" * 256)[0] == 400


def test_a_bus_that_takes_nothing_is_told_as_such(stack: World) -> None:
    stack.bus.refuses = True
    refused = answered(request_clip.handler(event("POST /v1/clips", BODY), Context()))
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("clip_id", ["clip-0123456789abcdef01234567", "idem-1", "x" * 99])
def test_a_clip_that_nobody_asked_for_is_not_found(stack: World, clip_id: str) -> None:
    code, told = show(clip_id)
    assert (code, told["detail"]) == (404, "there is no such clip")
    assert told["type"] == "urn:telematics:unknown-clip"


def delivered(stack: World, body: bytes, dataset: str = "messages") -> dict[str, Any]:
    key = RawKey("dashcam", dataset, NOW.date(), "a", "json")
    stack.raw.zone.put(key, body, Provenance("now"))
    return {"detail": {"bucket": {"name": "raw"}, "object": {"key": str(key), "size": 1}}}


@pytest.fixture
def waiting(stack: World) -> World:
    stack.source.answers = [PENDING]
    stack.source.asking = ["task-77"]
    stack.polled(stack.begun())
    return stack


Wrap = Callable[[dict[str, Any]], dict[str, Any]]
STRAIGHT: Wrap = lambda event: event  # noqa: E731
QUEUED: Wrap = lambda event: {"Records": [message(json.dumps(event), 0)]}  # noqa: E731


@pytest.mark.parametrize("wrap", [STRAIGHT, QUEUED])
def test_a_webhook_wakes_the_machine_that_waits(waiting: World, wrap: Wrap) -> None:
    event = wrap(delivered(waiting, payload("message_task_update")))
    resume_task.handler(event, Context())
    assert [told["next"] for _, told in waiting.steps.told] == ["poll"]


@pytest.mark.parametrize("body", [b"no json", payload("message_event_triggered")])
def test_any_other_message_wakes_nobody(waiting: World, body: bytes) -> None:
    resume_task.handler(delivered(waiting, body), Context())
    assert waiting.steps.told == []


def test_a_message_that_is_gone_wakes_nobody(waiting: World) -> None:
    event = delivered(waiting, payload("message_task_update"))
    waiting.raw.objects.clear()
    resume_task.handler(event, Context())
    assert waiting.steps.told == []


def test_a_message_that_fails_comes_back(waiting: World) -> None:
    waiting.steps.gone = "AccessDeniedException"
    event = QUEUED(delivered(waiting, payload("message_task_update")))
    assert resume_task.handler(event, Context()) == {
        "batchItemFailures": [{"itemIdentifier": "message-0"}]
    }


def test_links_lead_where_the_stack_says(stack: World) -> None:
    allowed = storing.policy()
    assert allowed.hosts == {"media.example", "*.cdn.example"}
    assert allowed.local == {"127.0.0.1:4800"}
    assert storing.deployed().media == Media(stack.media.zone)


def test_a_source_is_kept_while_its_secret_is_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {name: one.get_secret_value() for name, one in fields().items()}
    told["email"] = "fleet@insurer.example"
    told["password"] = "secret"  # noqa: S105

    class Manager:
        def get_secret_value(self, **_: Any) -> dict[str, str]:
            return {"SecretString": json.dumps(told)}

    here = settings.Settings(ENVIRONMENT)
    monkeypatch.setattr(sources, "settings", lambda: here)
    monkeypatch.setattr(secrets, "deployed", lambda: Secrets(cast(Any, Manager())))
    first = sources.source("dashcam")
    assert sources.source("dashcam") is first
    told["api_key"] = "another"
    assert sources.source("dashcam") is not first
