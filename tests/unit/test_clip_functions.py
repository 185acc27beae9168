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
from telematics import events, links, media, raw, secrets, settings, tasks
from telematics.clips import (
    asking,
    callbacks,
    sources,
    storing,
    waits,
)
from telematics.clips.desk import HttpEvent
from telematics.clips.sources import Fate
from telematics.media import Media
from telematics.observability import metrics
from telematics.raw import Provenance, RawKey
from telematics.secrets import Secrets
from tests.unit.clip_world import DETAIL, NOW, PENDING, World, mp4, progress, world
from tests.unit.dashcam_server import fields, payload
from tests.unit.lambda_call import Context, message

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
ROLE = "arn:aws:sts::111111111111:assumed-role/ClaimsDesk/dana.driver@insurer.example"


@pytest.fixture
def stack(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    here = settings.Settings(ENVIRONMENT)
    for module in (request_clip, poll_clip, asking, waits, storing, sources):
        monkeypatch.setattr(module, "settings", lambda: here)
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setattr(sources, "source", lambda _: world.source)
    monkeypatch.setattr(tasks, "deployed", lambda: world.clips.tasks)
    monkeypatch.setattr(events, "deployed", lambda: world.bus.bus)
    monkeypatch.setattr(raw, "deployed", lambda: world.raw.zone)
    monkeypatch.setattr(media, "deployed", lambda: Media(world.media.zone))
    monkeypatch.setattr(callbacks, "deployed", lambda: world.callbacks)
    monkeypatch.setattr(links, "client", lambda _: world.storing.client)
    storing.client.cache_clear()
    return world


def asked(body: object, **headers: str) -> HttpEvent:
    """As API Gateway tells it."""
    told = {
        "headers": {name.replace("_", "-"): one for name, one in headers.items()},
        "requestContext": {"authorizer": {"iam": {"userArn": ROLE}}},
        "body": body if isinstance(body, str | None) else json.dumps(body),
        "isBase64Encoded": False,
    }
    return cast(HttpEvent, told)


def answer(response: Any) -> tuple[int, dict[str, Any]]:
    assert response["headers"]["Content-Type"] == "application/json"
    return response["statusCode"], json.loads(response["body"])


def request(body: object = BODY, **headers: str) -> tuple[int, dict[str, Any]]:
    return answer(request_clip.handler(asked(body, **headers), Context()))


def show(clip_id: str) -> tuple[int, dict[str, Any]]:
    event = cast(HttpEvent, {"pathParameters": {"clip_id": clip_id}})
    return answer(show_clip.handler(event, Context()))


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
    assert finish_clip.handler({"clip_id": clip_id}, Context())["state"] == "stored"

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


def test_who_asks_is_the_role_that_signed(stack: World) -> None:
    body = {name: one for name, one in BODY.items() if name != "requester"}
    _, told = request(body)
    assert stack.clip(told["clip_id"]).requests[0].requester == "ClaimsDesk"
    assert "dana" not in repr(stack.table.items)


def test_who_is_no_role_is_the_api(stack: World) -> None:
    event = asked({name: one for name, one in BODY.items() if name != "requester"})
    event["requestContext"] = {}
    _, told = answer(request_clip.handler(event, Context()))
    assert stack.clip(told["clip_id"]).requests[0].requester == "api"


def test_the_same_key_is_the_same_request_and_another_is_a_conflict(stack: World) -> None:
    first = request(idempotency_key="key-1")
    assert request(Idempotency_Key="key-1") == first
    assert request(BODY | {"reason": "another"}, idempotency_key="key-1")[0] == 409


def test_a_body_in_base64_is_the_same_body(stack: World) -> None:
    event = asked(base64.b64encode(json.dumps(BODY).encode()).decode())
    event["isBase64Encoded"] = True
    assert request_clip.handler(event, Context())["statusCode"] == 202


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("[" * 9999, "not a JSON object"),
        ({**BODY, "camera": "front camera"}, "camera is spelt like C_F"),
        ({**BODY, "when": "now"}, "a request has no when"),
        ({**BODY, "at": "2024-03-05"}, "at is a time"),
        ({}, "device is the id"),
    ],
)
def test_a_senseless_request_is_told_what_is_wrong(stack: World, body: object, why: str) -> None:
    code, told = request(body)
    assert code == 400
    assert why in told["message"]
    assert stack.table.items == {}
    assert stack.bus.put == []


def test_a_key_that_is_none_is_refused(stack: World) -> None:
    assert request(Idempotency_Key="x" * 256)[0] == 400


def test_a_bus_that_takes_nothing_is_told_as_such(stack: World) -> None:
    stack.bus.refuses = True
    response = request_clip.handler(asked(BODY), Context())
    assert response["statusCode"] == 503
    assert response["headers"]["Retry-After"] == "5"


@pytest.mark.parametrize("clip_id", ["clip-0123456789abcdef01234567", "idem-1", "", "x" * 99])
def test_a_clip_that_nobody_asked_for_is_not_found(stack: World, clip_id: str) -> None:
    assert show(clip_id) == (404, {"message": "there is no such clip"})


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
