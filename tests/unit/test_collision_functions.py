"""The functions of a collision: the desk, the bus, notifications, the machine, and the callback."""

import json
import re
import subprocess
import sys
from typing import Any, cast

import pytest

from functions import (
    ask_collision,
    claim_collision,
    finish_collision,
    notice_collision,
    receive_webhook,
    request_collision,
    resume_task,
    show_collision,
)
from telematics import callbacks, capabilities, events, raw, tasks, webhooks
from telematics.addresses import callback_url, served
from telematics.catalog import PROVIDERS
from telematics.collisions import asking, desk, drivers, noticing, sources, taking
from telematics.collisions.noticing import Noticing
from telematics.collisions.taking import Taking
from telematics.observability import logger, metrics
from telematics.providers.zendrive import collisions as zendrive
from telematics.raw import Provenance, RawKey
from telematics.settings import Settings
from telematics.users.user import Status
from tests.unit.collision_world import ACME, ANSWER, DETAIL, NOW, World, post, world
from tests.unit.lambda_call import Context
from tests.unit.test_receive_webhook import ROOT

__all__ = ["world"]

ENVIRONMENT = {
    "PROVIDER": "acme",
    "ANSWER_SECONDS": "900",
    "MOST_ASKS": "3",
    "FIRST_WAIT_SECONDS": "10",
    "LONGEST_WAIT_SECONDS": "600",
    "WEBHOOK_API_URL": "https://abc123.execute-api.eu-west-1.amazonaws.com",
}
ROLE = "arn:aws:sts::111111111111:assumed-role/ClaimsDesk/dana.driver@insurer.example"
BODY = {name: one for name, one in DETAIL.items() if name != "requester"}


@pytest.fixture
def stack(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    here = Settings(ENVIRONMENT)
    for module in (desk, asking, resume_task, claim_collision):
        monkeypatch.setattr(module, "settings", lambda: here)
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Telematics")
    monkeypatch.setattr("telematics.http.utc_now", lambda: world.now)
    now = {"now": lambda: world.now}
    monkeypatch.setattr(taking, "deployed", lambda name: Taking(name, world.claiming, **now))
    monkeypatch.setattr(
        noticing, "deployed", lambda: Noticing(world.raw.zone, world.claiming, **now)
    )
    monkeypatch.setattr(sources, "source", lambda _: world.source)
    monkeypatch.setattr(tasks, "deployed", lambda: world.tasks)
    monkeypatch.setattr(capabilities, "deployed", lambda: world.capabilities)
    monkeypatch.setattr(callbacks, "deployed", lambda: world.callbacks)
    monkeypatch.setattr(events, "deployed", lambda: world.bus.bus)
    monkeypatch.setattr(raw, "deployed", lambda: world.raw.zone)
    monkeypatch.setattr(drivers, "deployed", lambda: drivers.Drivers(world.people))
    monkeypatch.setattr(webhooks, "deployed", lambda: world.receiver)
    return world


def called(route: str, body: object = None, **told: Any) -> dict[str, Any]:
    method, path = route.split()
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": told.pop("headers", {}),
        "requestContext": {
            "http": {"method": method, "path": path},
            "stage": "$default",
            "authorizer": {"iam": {"userArn": ROLE}},
        },
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "isBase64Encoded": False,
        **told,
    }


def answer(response: Any) -> tuple[int, Any]:
    return response["statusCode"], json.loads(response["body"])


def request(body: object = None, **headers: str) -> tuple[int, Any]:
    headers = {name.replace("_", "-"): one for name, one in headers.items()}
    told = called("POST /v1/collisions", BODY if body is None else body, headers=headers)
    return answer(request_collision.handler(told, Context()))


def show(collision_id: str) -> tuple[int, Any]:
    told = called(
        "GET /v1/collisions/{collision_id}", pathParameters={"collision_id": collision_id}
    )
    return answer(show_collision.handler(told, Context()))


def test_a_request_goes_from_the_desk_through_the_machine_to_its_answer(
    stack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, told = request()
    assert (code, told["state"], told["joined"]) == (202, "requested", False)
    event = {"collision_id": told["collision_id"], "token": "task-token", "execution": "run-1"}
    assert ask_collision.handler(cast(Any, event), Context())["next"] == ""
    token = stack.source.asked[0].answer_to.get_secret_value().rpartition("/")[2]
    monkeypatch.setattr(receive_webhook, "datetime", Now)
    assert receive_webhook.handler(post(token), Context()) == {"statusCode": 200, "body": ""}
    [key] = stack.raw.objects
    resume_task.handler({"detail": {"object": {"key": key}}}, Context())
    assert [told["next"] for _, told in stack.steps.told] == ["finish"]
    finished = finish_collision.handler(cast(Any, event), Context())
    assert finished["state"] == "received"

    code, shown = show(told["collision_id"])

    assert (code, shown["state"], shown["date"]) == (200, "received", "2024-03-04")
    assert shown["requests"][0]["requester"] == "ClaimsDesk"
    assert [one["raw_key"] for one in shown["answers"]] == [key]
    assert shown.keys().isdisjoint({"wait_token", "runner", "addresses", "provider_user_id"})
    assert not re.search("task-token|callback-|dana", json.dumps(shown))
    stack.source.asked.clear()  # its address is another one than the world expects


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        ({**BODY, "user_id": "nobody"}, 404, "nobody is registered"),
        ({**BODY, "user_id": "blocked"}, 403, "is blocked"),
        ({**BODY, "user_id": "unlinked"}, 409, "is not linked to acme"),
        ({**BODY, "date": "2024-03-06"}, 400, "in the future"),
        ({**BODY, "date": "2023-01-01"}, 400, "older than six months"),
        ({**BODY, "latitude": 1.5}, 400, "come together"),
        ({**BODY, "when": "now"}, 400, "when"),
        ("[1]", 400, "not a JSON object"),
    ],
)
def test_a_refusal_says_why_and_leaves_nothing(
    stack: World, body: object, code: int, why: str
) -> None:
    stack.people.add("blocked", status=Status.BLOCKED, acme="driver-1")
    stack.people.add("unlinked")
    status, told = request(body)
    assert (status, told["status"]) == (code, code)
    assert why in told["detail"]
    assert stack.table.items == {}
    assert stack.bus.put == []


def test_the_same_key_is_the_same_request_and_another_is_a_conflict(stack: World) -> None:
    first = request(idempotency_key="key-1")
    assert request(Idempotency_Key="key-1") == first
    assert request(BODY | {"claim": "another"}, idempotency_key="key-1")[0] == 409


@pytest.mark.parametrize(
    "collision_id", ["collision-0123456789abcdef01234567", "clip-1", "callback-1", "x" * 99]
)
def test_what_nobody_asked_for_is_not_found(stack: World, collision_id: str) -> None:
    code, told = show(collision_id)
    assert code == 404
    assert told["detail"] == "there is no such collision"


def test_another_system_asks_on_the_bus_as_if_at_the_desk(stack: World) -> None:
    event: Any = {"id": "event-1", "detail": {"provider": "acme", **BODY}}
    for _ in range(2):
        claim_collision.handler(event, Context())
    [collision] = [one for one in stack.table.items.values() if one.get("kind") == "collision"]
    assert [one["requester"] for one in collision["requests"]] == ["another system"]
    assert {one["collision_id"] for _, _, one in stack.bus.put} == {stack.wish().collision_id}


@pytest.mark.parametrize(
    ("changes", "why"), [({"user_id": "nobody"}, "nobody is registered"), ({"date": 1}, "date is")]
)
def test_what_cannot_be_claimed_is_told_on_the_bus(
    stack: World, changes: dict[str, Any], why: str
) -> None:
    detail = {"provider": "acme", **BODY, **changes}
    claim_collision.handler({"id": "event-1", "detail": detail}, Context())
    [(_, name, told)] = stack.bus.put
    assert (name, told["state"]) == ("Collision Unanswered", "refused")
    assert why in told["reason"]
    assert stack.table.items == {}


NOTICE = {"version": 3, "type": "COLLISION", "collision_id": "1709536350000", "data": {}}


def noticed(stack: World, body: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "module", lambda _: zendrive)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    key = RawKey("acme", "notices", NOW.date(), "a", "json")
    stack.raw.zone.put(key, content, Provenance("now"))
    notice_collision.handler({"detail": {"object": {"key": str(key)}}}, Context())


def test_a_notification_of_a_collision_asks_for_its_details_once(
    stack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for more in ({}, {"data": {"info": {"trip_id": 1709536000000}}}, {}):
        noticed(stack, NOTICE | {"driver_id": "driver-77"} | more, monkeypatch)
    [collision] = [one for one in stack.table.items.values() if one.get("kind") == "collision"]
    assert (collision["claim"], collision["day"]) == ("notification 1709536350000", "2024-03-04")
    assert collision["at"] == "2024-03-04T07:12:30Z"
    assert [one["requester"] for one in collision["requests"]] == ["telematics"]
    collision |= {"state": "unanswered", "runner": ""}
    stack.bus.put.clear()
    noticed(stack, NOTICE | {"driver_id": "driver-77"}, monkeypatch)
    assert stack.bus.put == []  # told again, it is not asked again


@pytest.mark.parametrize(
    "body",
    [
        NOTICE | {"driver_id": "driver-unknown"},
        NOTICE | {"driver_id": "driver-blocked"},
        NOTICE | {"driver_id": "driver-erased"},
        NOTICE | {"driver_id": "driver-77", "type": "TRIP_SCORED"},
        NOTICE | {"driver_id": "driver-77", "type": "brand new"},
        NOTICE | {"driver_id": "driver-77", "collision_id": "not a time"},
        NOTICE | {"driver_id": "driver-77", "collision_id": "1609536350000"},  # years ago
        NOTICE,
        b"no json",
    ],
)
def test_any_other_notification_asks_for_nothing(
    stack: World, body: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.people.add("blocked", status=Status.BLOCKED, acme="driver-blocked")
    stack.people.erased.add("driver-erased")
    noticed(stack, body, monkeypatch)
    assert stack.table.items == {}
    assert stack.bus.put == []


def test_a_notification_that_is_gone_asks_for_nothing(stack: World) -> None:
    key = "acme/notices/day=2024-03-04/a.json"
    notice_collision.handler({"detail": {"object": {"key": key}}}, Context())
    assert stack.table.items == {}


def amiss(stack: World) -> dict[str, str]:
    """Tokens that are none, or no longer."""
    stack.asked()
    stack.asked(stack.collision.task_id)
    stack.posted(stack.source.tokens[0], b"the answer")
    live = stack.source.tokens[1]
    return {
        "forged": f"{live[:-1]}{'A' if live[-1] != 'A' else 'B'}",
        "guessed": "g" * 43,
        "truncated": live[:-1],
        "longer": f"{live}A",
        "empty": "",
        "used": stack.source.tokens[0],
    }


@pytest.mark.parametrize("body", [ANSWER, b"", b"x" * 1_001], ids=["usual", "empty", "large"])
def test_whatever_is_amiss_with_a_token_the_answer_is_the_same_to_the_byte(
    stack: World, body: bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = amiss(stack)
    before = json.dumps(stack.table.items, default=str), dict(stack.raw.objects)
    told = {
        name: receive_webhook.handler(post(token, body), Context())
        for name, token in tokens.items()
    }
    monkeypatch.setattr(receive_webhook, "datetime", Later)
    told["expired"] = receive_webhook.handler(post(stack.source.tokens[1], body), Context())
    assert {json.dumps(one) for one in told.values()} == {'{"statusCode": 404}'}
    assert before == (json.dumps(stack.table.items, default=str), stack.raw.objects)
    said = capsys.readouterr().out
    assert not any(one in said for one in (*tokens.values(), *stack.source.tokens) if one)


class Later:
    """A clock on which everything has expired."""

    @staticmethod
    def now(_: object) -> Any:
        return NOW.replace(year=2030)


class Now:
    """The world's own."""

    @staticmethod
    def now(_: object) -> Any:
        return NOW


@pytest.mark.parametrize(
    ("body", "status"), [(ANSWER, 200), (b"", 400), (b"x" * 1_001, 413), (b"x" * 1_000, 200)]
)
def test_who_knows_the_token_is_told_what_is_wrong(
    stack: World, body: bytes, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive_webhook, "datetime", Now)
    stack.asked()
    [token] = stack.source.tokens
    for _ in range(2):
        assert receive_webhook.handler(post(token, body), Context())["statusCode"] == status
    assert len(stack.raw.objects) == int(status == 200)


def test_a_token_is_read_from_the_path_where_the_gateway_does_not_name_it(
    stack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive_webhook, "datetime", Now)
    stack.asked()
    event = post(stack.source.tokens[0])
    event["rawPath"] = f"/_aws/execute-api/abc/$default{event['rawPath']}"
    del event["pathParameters"]
    event["body"], event["isBase64Encoded"] = ANSWER.decode(), False
    assert receive_webhook.handler(event, Context())["statusCode"] == 200
    assert list(stack.raw.objects.values()) == [ANSWER]


def test_no_log_shows_whom_it_is_about_or_an_address(
    stack: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logger.registered_handler, "stream", sys.stdout)
    _, told = request(BODY | {"latitude": 52.5, "longitude": 13.4})
    event: Any = {"collision_id": told["collision_id"], "token": "secret-token", "execution": "r"}
    ask_collision.handler(event, Context())
    url = stack.source.asked[0].answer_to.get_secret_value()
    finish_collision.handler(event, Context())
    said = capsys.readouterr().out
    assert "collision asked for" in said
    for private in ("user-1", "driver-77", "52.5", "secret-token", url.rpartition("/")[2], ROLE):
        assert private not in said
    stack.source.asked.clear()


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "https://abc123.execute-api.eu-west-1.amazonaws.com/webhooks/acme/answers/t0k"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"},
            "http://127.0.0.1:4566/_aws/execute-api/abc123/$default/webhooks/acme/answers/t0k",
        ),
        (
            {"PUBLIC_URL": "https://hooks.insurer.example/", "AWS_ENDPOINT_URL": "http://x"},
            "https://hooks.insurer.example/webhooks/acme/answers/t0k",
        ),
    ],
)
def test_an_address_is_one_that_the_provider_reaches(changes: dict[str, str], url: str) -> None:
    assert callback_url(Settings(ENVIRONMENT | changes), ACME, "t0k") == url


def test_a_call_of_an_api_is_found_at_the_emulator() -> None:
    url = "https://abc.execute-api.eu-west-1.amazonaws.com/v1/x"
    assert served(url, None) == url
    assert (
        served(url, "http://127.0.0.1:1") == "http://127.0.0.1:1/_aws/execute-api/abc/$default/v1/x"
    )


def test_who_is_called_by_others_does_not_pay_for_tables() -> None:
    program = "import sys, functions.receive_webhook; print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert "telematics.webhooks" in loaded
    assert not {"boto3.dynamodb", "telematics.capabilities", "telematics.tasks"} & {*loaded}


def test_an_answer_loads_none_of_the_slow_packages() -> None:
    program = "import sys; from telematics import capabilities; print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert not {"pydantic", "httpx", "pyarrow", "orjson"} & {*loaded}


def test_zendrive_is_asked_for_collisions_by_address() -> None:
    found = PROVIDERS["zendrive"]
    assert found.collisions
    assert found.called_back.route("zendrive") == "/webhooks/zendrive/collisions/{token}"
    assert found.called_back.dataset == "collision_details"
    assert found.notified == ("notifications",)
    assert sources.provider("zendrive") is found
    assert sources.module("zendrive").noticed is not None
