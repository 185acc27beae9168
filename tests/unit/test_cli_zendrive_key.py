"""Zendrive gives out its key: it is replaced by another of theirs, and shown as was chosen."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.cli import rotation
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import CALLED, OUTPUTS, Secrets, deployed

__all__ = ["telematics"]

OLD, NEW = "a-key-that-zendrive-gave-us", "another-key-that-they-gave-us"
OUR_OUTPUTS = {
    **OUTPUTS,
    "ZendriveSecret": "arn:secret/zendrive",
    "WebhookUrlZendriveNotifications": f"{CALLED}/webhooks/zendrive/notifications",
}
Run = Callable[..., Ended]


@pytest.fixture
def secrets() -> Secrets:
    return Secrets(json.dumps({"api_key": OLD}))


@pytest.fixture
def run(telematics: Program, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(rotation, "wait_for_receivers", lambda: None)

    def called(*words: str) -> Ended:
        return telematics(*words, stack=deployed(secrets=secrets, outputs=OUR_OUTPUTS))

    return called


def test_no_key_is_made_up_in_place_of_theirs(run: Run, secrets: Secrets) -> None:
    for options in ((), ("--webhook", "notifications")):
        ended = run("webhook", "rotate", "zendrive", *options)
        assert ended.code == 2
        assert "Zendrive gives out the key" in ended.err
        assert "--file" in ended.err
    assert secrets.puts == 0


def test_another_key_of_theirs_counts_beside_the_one_before(
    run: Run, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(NEW))
    words = ("webhook", "rotate", "zendrive", "--webhook", "notifications")
    ended = run(*words, "--file", "-")
    assert ended.code == 0, ended.err
    assert json.loads(secrets.text) == {"api_key": NEW, "api_key_previous": OLD}
    assert run(*words, "--retire").code == 0
    assert json.loads(secrets.text) == {"api_key": NEW}


@pytest.mark.parametrize("chosen", ["signature", "api_key", "both"])
def test_how_they_show_it_is_chosen(
    run: Run, secrets: Secrets, tmp_path: Path, chosen: str
) -> None:
    file = tmp_path / "secret.json"
    file.write_text(json.dumps({"api_key": NEW, "notifications_auth": chosen}))
    ended = run("configure", "zendrive", "--file", str(file), "--no-check")
    assert ended.code == 0, ended.err
    assert json.loads(secrets.text)["notifications_auth"] == chosen


def test_a_way_that_there_is_not_is_refused(run: Run, secrets: Secrets, tmp_path: Path) -> None:
    file = tmp_path / "secret.json"
    file.write_text(json.dumps({"api_key": NEW, "notifications_auth": "none"}))
    ended = run("configure", "zendrive", "--file", str(file), "--no-check")
    assert ended.code == 2
    assert "notifications_auth is none of signature, api_key, both" in ended.err
    assert secrets.puts == 0
