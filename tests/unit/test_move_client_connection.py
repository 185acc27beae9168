"""From the fields of MOVE's secret to a client, and what `configure` is told of a trial."""

import httpx
import pytest
from pydantic import SecretStr

from telematics.errors import Forbidden, MissingSetting, ProviderBusy, ProviderRefused
from telematics.http import Patience
from telematics.providers.move import client, trial
from telematics.providers.move.client import Move
from tests.unit.move_server import (
    DRIVE,
    IDLE,
    KEY,
    PRODUCT,
    Server,
    answering,
    ok,
    payload,
    status,
    told,
)

BASE_URL = "https://move.example"


def fields(**more: str) -> dict[str, SecretStr]:
    spelt = {"product_id": PRODUCT, "api_key": KEY, **more}
    return {name: SecretStr(text) for name, text in spelt.items()}


def connected(server: Server, base_url: str = BASE_URL, **more: str) -> Move:
    return client.connect(fields(**more), base_url=base_url, client=server.http)


def tried(server: Server, **more: str) -> list[str]:
    return trial.tried(
        fields(**more), base_url=BASE_URL, client=server.http, patience=Patience(attempts=1)
    )


def test_the_fields_of_the_secret_decide() -> None:
    server = answering(ok(payload("answer_list_of_a_drive_and_an_idle_time")))
    api = connected(
        server,
        base_url="https://elsewhere.example/move/",
        api_version="v20",
        batch_shape="single",
        batch_size="1",
    )

    api.batch([DRIVE, IDLE])

    assert api.product_id == PRODUCT
    assert [request.url.host for request in server.requests] == ["elsewhere.example"] * 2
    assert server.paths == ["POST /move/v20/timeline/batch"] * 2
    assert server.bodies[0]["projectId"] == 4711


def test_without_them_it_is_the_documented_version_and_the_given_address() -> None:
    server = answering(ok(payload("answer_list_of_a_drive_and_an_idle_time")))

    connected(server).batch([DRIVE, IDLE])

    [request] = server.requests
    assert str(request.url) == f"{BASE_URL}/timeline/v1_5/batch?productId={PRODUCT}"
    assert len(server.bodies[0]) == 2


def test_the_secrets_own_address_wins() -> None:
    server = answering(ok(payload("answer_list_of_a_drive_and_an_idle_time")))
    own = fields(base_url="http://127.0.0.1:9")

    client.connect(own, base_url=BASE_URL, client=server.http).batch([DRIVE])

    assert server.requests[0].url.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("api_version", "v2", "v1_5, v20"),
        ("batch_shape", "tuple", "list, grouped, single"),
        ("batch_size", "0", "from 1 to 1000"),
        ("batch_size", "1001", "from 1 to 1000"),
        ("batch_size", "-1", "from 1 to 1000"),
        ("batch_size", "many", "from 1 to 1000"),
        ("batch_size", "9" * 5000, "from 1 to 1000"),
        ("base_url", "move.example", "https://host"),
        ("base_url", "ftp://move.example", "https://host"),
        ("base_url", "https://", "https://host"),
        ("base_url", "https://move.example:port", "https://host"),
        ("base_url", f"https://move.example/?key={KEY}", "https://host"),
    ],
)
def test_a_value_that_nobody_knows_is_refused_with_those_that_are(
    field: str, value: str, allowed: str
) -> None:
    own = fields(**{field: value})

    text = told(lambda: client.connect(own, base_url=BASE_URL), MissingSetting)

    assert field in text
    assert allowed in text


def test_a_trial_asks_for_the_last_hour_of_nobody() -> None:
    server = answering(ok("[]"))

    [seen] = tried(server)

    [request] = server.requests
    query = request.url.params
    assert (request.method, request.url.path) == ("GET", "/timeline/v1_5")
    assert (query["contractId"], query["limit"]) == (trial.NOBODY, "1")
    assert int(query["to"]) - int(query["from"]) == 3600
    assert seen == (
        "Dolphin MOVE (v1_5) takes the keys,"
        " and has a list without items for a person of an invented name"
    )


def test_a_trial_that_finds_nobody_has_reached_somebody() -> None:
    [seen] = tried(answering(status(404)), api_version="v20")
    assert seen == "Dolphin MOVE (v20) takes the keys, and knows no person of an invented name"


def test_a_trial_with_an_item_says_so() -> None:
    [seen] = tried(answering(ok("[{}]")))
    assert "a list with an item" in seen


def test_a_trial_with_wrong_keys_says_which_to_look_at() -> None:
    text = told(lambda: tried(answering(status(401))), ProviderRefused)
    assert text == "Dolphin MOVE answered 401: are product_id and api_key right?"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (status(403), Forbidden),
        (status(503), ProviderBusy),
        (httpx.ConnectError("refused"), ProviderBusy),
        (ok("<html>"), ProviderBusy),
    ],
)
def test_whatever_else_happens_in_a_trial_is_told(
    answer: httpx.Response | Exception, error: type[Exception]
) -> None:
    assert told(lambda: tried(answering(answer)), error)
