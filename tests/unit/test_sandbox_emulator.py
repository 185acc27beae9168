"""The emulator's surroundings: loopback only, and nothing of the machine's own AWS settings."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox import emulator, saved
from tests.sandbox.places import Places

QUEUE = "http://127.0.0.1:4566/000000000000/convert"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path)
    places.services.mkdir()
    return places


def test_settings_of_the_machine_stay_outside(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    given = emulator.environment(places, 4566)
    assert given["AWS_ACCESS_KEY_ID"] == "test"
    assert given["AWS_CONFIG_FILE"] == os.devnull
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "PYTHONPATH"} & set(given)


def test_it_listens_on_loopback_only_and_lets_docker_alone(places: Places) -> None:
    given = emulator.environment(places, 4711)
    assert given["BIND_HOST"] == "127.0.0.1"
    assert given["GATEWAY_PORT"] == "4711"
    assert given["IOT_MTLS_ENABLED"] == "0"
    assert not Path(given["DOCKER_HOST"].removeprefix("unix://")).exists()


def test_its_data_is_in_the_sandbox_s_folder(places: Places) -> None:
    given = emulator.environment(places, 4566)
    for name in ("STATE_DIR", "S3_DATA_DIR", "TMPDIR", "HOME"):
        assert Path(given[name]).is_relative_to(places.folder)


def test_a_proxy_is_for_providers_and_not_for_us(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [*emulator.PROXIES, "NO_PROXY"]:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    assert "NO_PROXY" not in emulator.environment(places, 4566)
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "intranet")
    given = emulator.environment(places, 4566)
    assert given["https_proxy"] == "http://proxy:3128"
    assert given["NO_PROXY"] == given["no_proxy"] == "intranet,127.0.0.1,localhost"


def write(places: Places, service: str, payload: dict[str, Any]) -> None:
    content = {"__ministack_format__": 2, "payload": payload}
    (places.services / f"{service}.json").write_text(json.dumps(content))


def read(places: Places, service: str) -> Any:  # Any: as the emulator writes it
    return json.loads((places.services / f"{service}.json").read_text())["payload"]


def with_a_queue(places: Places, *messages: dict[str, Any]) -> None:
    queue = {"url": QUEUE, "messages": list(messages)}
    key = f"000000000000\0eu-west-1\0'{QUEUE}'"
    write(places, "sqs", {"queues": {"data": {key: queue}}})


def test_on_another_port_its_data_follows(places: Places) -> None:
    with_a_queue(places)
    write(places, "lambda", {"QUEUE_URL": QUEUE, "other": "http://127.0.0.1:45661/"})
    saved.prepare(places, 5000)
    assert saved.port_of(places) == 5000
    assert read(places, "lambda") == {
        "QUEUE_URL": QUEUE.replace("4566", "5000"),
        "other": "http://127.0.0.1:45661/",
    }


def test_messages_that_a_function_had_in_hand_come_back_at_once(places: Places) -> None:
    later = time.time() + 900
    taken = {"receipt_handle": "a", "visible_at": later}
    delayed = {"receipt_handle": None, "visible_at": later}
    with_a_queue(places, taken, delayed)
    saved.prepare(places, 4566)
    (queue,) = read(places, "sqs")["queues"]["data"].values()
    assert queue["messages"][0]["visible_at"] <= time.time()
    assert queue["messages"][1]["visible_at"] == later


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("UPDATE_COMPLETE", "UPDATE_COMPLETE"),
        ("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS"),
    ],
)
def test_an_interrupted_update_can_be_done_again(places: Places, was: str, becomes: str) -> None:
    write(places, "cloudformation", {"stacks": {"data": {"telematics": {"StackStatus": was}}}})
    saved.prepare(places, 4566)
    assert read(places, "cloudformation")["stacks"]["data"]["telematics"]["StackStatus"] == becomes


def test_a_first_start_has_nothing_to_prepare(places: Places) -> None:
    saved.prepare(places, 4566)
    assert saved.port_of(places) is None
