"""`telematics webhook`: a new secret beside the one before, until that one retires."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from infra.cli import rotation
from telematics.signing_secrets import SECRET_LIFETIME_SECONDS
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import WEBHOOKS, Secrets, deployed

__all__ = ["telematics"]

OLD = {"timeline_secret": "old-of-the-timeline", "notifications_secret": "old-of-the-rest"}
KEYS: Mapping[str, object] = {"product_id": "1000", "api_key": "key", "of_others": 7, **OLD}
Rotate = Callable[..., Ended]


@pytest.fixture
def secrets() -> Secrets:
    return Secrets(json.dumps(KEYS))


@pytest.fixture
def rotate(telematics: Program, secrets: Secrets) -> Rotate:
    def run(*options: str) -> Ended:
        return telematics("webhook", "rotate", "move", *options, stack=deployed(secrets=secrets))

    return run


def test_a_rotation_gives_both_webhooks_new_secrets_beside_the_ones_before(
    rotate: Rotate, secrets: Secrets
) -> None:
    ended = rotate("--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    new = {one["name"]: one["secret"] for one in told["rotated"]}
    assert {one["name"]: one["url"] for one in told["rotated"]} == WEBHOOKS
    assert len(set(new.values())) == 2
    assert all(len(secret) >= 43 for secret in new.values())
    assert json.loads(secrets.text) == {
        **KEYS,
        "timeline_secret": new["move/timeline"],
        "timeline_secret_previous": OLD["timeline_secret"],
        "notifications_secret": new["move/notifications"],
        "notifications_secret_previous": OLD["notifications_secret"],
    }


def test_what_is_shown_is_the_new_secret_where_to_paste_it_and_what_comes_next(
    rotate: Rotate, secrets: Secrets
) -> None:
    ended = rotate("--webhook", "timeline")
    new = json.loads(secrets.text)["timeline_secret"]
    assert ended.out.count(new) == 1
    assert WEBHOOKS["move/timeline"] in ended.out
    assert WEBHOOKS["move/notifications"] not in ended.out
    assert "telematics webhook rotate move --webhook timeline --retire" in ended.err
    assert new not in ended.err
    assert OLD["timeline_secret"] not in ended.out + ended.err
    assert "notifications_secret_previous" not in json.loads(secrets.text)


def test_it_answers_only_when_no_function_can_go_by_the_old_state(
    telematics: Program, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[tuple[float, int]] = []
    original = rotation.wait_for_receivers

    def wait() -> None:
        monkeypatch.setattr(rotation, "sleep", lambda s: waited.append((s, secrets.puts)))
        original()

    monkeypatch.setattr(rotation, "wait_for_receivers", wait)
    ended = telematics("webhook", "rotate", "move", stack=deployed(secrets=secrets))
    assert waited == [(SECRET_LIFETIME_SECONDS, 1)]
    assert "waiting 5 s" in ended.err


def test_interrupted_while_it_waits_it_still_shows_what_nobody_else_knows(
    rotate: Rotate, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rotation, "wait_for_receivers", interrupt)
    ended = rotate("--webhook", "timeline")
    assert ended.code == 130
    assert json.loads(secrets.text)["timeline_secret"] in ended.out


def test_a_second_rotation_waits_for_the_first_to_end(rotate: Rotate, secrets: Secrets) -> None:
    assert rotate("--webhook", "timeline").code == 0
    before = secrets.text
    for options in ((), ("--webhook", "timeline")):
        ended = rotate(*options)
        assert ended.code == 2
        assert len(ended.err.splitlines()) == 1
        assert "telematics webhook rotate move --webhook timeline --retire" in ended.err
    assert secrets.text == before
    assert rotate("--webhook", "notifications").code == 0


def test_retiring_leaves_only_the_current_secrets(rotate: Rotate, secrets: Secrets) -> None:
    rotate()
    current = json.loads(secrets.text)
    ended = rotate("--retire")
    assert ended.code == 0
    assert "waiting 5 s" in ended.err
    assert "move/timeline and move/notifications: only the current secret is accepted" in ended.out
    remaining = {name: one for name, one in current.items() if not name.endswith("_previous")}
    assert json.loads(secrets.text) == remaining


def test_one_webhook_can_retire_alone(rotate: Rotate, secrets: Secrets) -> None:
    rotate()
    ended = rotate("--webhook", "timeline", "--retire", "--json")
    assert json.loads(ended.out) == {"provider": "move", "retired": ["move/timeline"]}
    assert "timeline_secret_previous" not in json.loads(secrets.text)
    assert "notifications_secret_previous" in json.loads(secrets.text)


def test_nothing_to_retire_is_said_and_no_failure(rotate: Rotate, secrets: Secrets) -> None:
    ended = rotate("--retire")
    assert (ended.code, ended.err, secrets.puts) == (0, "", 0)
    assert "nothing to retire" in ended.out
    assert json.loads(rotate("--retire", "--json").out) == {"provider": "move", "retired": []}


def test_the_new_secret_can_be_given_and_is_not_shown(
    rotate: Rotate, secrets: Secrets, tmp_path: Path
) -> None:
    path = tmp_path / "new.txt"
    sentence = "a sentence nobody guesses"
    path.write_text(f"{sentence}\n")
    ended = rotate("--webhook", "timeline", "--file", str(path))
    assert ended.code == 0
    assert json.loads(secrets.text)["timeline_secret"] == sentence
    assert sentence not in ended.out + ended.err


def test_a_short_secret_from_standard_input_is_warned_about(
    rotate: Rotate, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    guessable = "short"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{guessable}\n"))
    ended = rotate("--webhook", "timeline", "--file", "-", "--json")
    assert "only 5 characters" in ended.err
    assert json.loads(ended.out)["rotated"][0]["secret"] is None
    assert json.loads(secrets.text)["timeline_secret"] == guessable


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        (("--file", "-"), "new", "--webhook timeline or notifications"),
        (("--webhook", "timeline", "--file", "-", "--retire"), "new", "leave --file out"),
        (("--webhook", "timeline", "--file", "-"), " \n", "is empty"),
        (("--webhook", "timeline", "--file", "-"), "two\nlines", "more than one line"),
        (("--webhook", "timeline", "--file", "-"), OLD["timeline_secret"], "current secret of"),
        (("--webhook", "clips"), "", "choose one of timeline, notifications"),
        (("--webhook", "timeline", "--file", "/no/such/file"), "", "No such file"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    rotate: Rotate,
    secrets: Secrets,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    given: str,
    message: str,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    ended = rotate(*options)
    assert ended.code == 2
    assert message in ended.err
    assert secrets.puts == 0


def test_a_provider_that_calls_no_webhook_is_refused(telematics: Program) -> None:
    ended = telematics("webhook", "rotate", "sentiance", stack=deployed())
    assert ended.code == 2
    assert "these do: move" in ended.err


def test_a_provider_without_keys_has_nothing_to_rotate(rotate: Rotate, secrets: Secrets) -> None:
    secrets.text = "{}"
    ended = rotate()
    assert ended.code == 1
    assert "telematics configure move --file secret.json" in ended.err
    assert secrets.puts == 0


def test_the_webhooks_are_listed_with_their_urls(telematics: Program) -> None:
    shown = telematics("webhook", "list", stack=deployed()).out
    for name, url in WEBHOOKS.items():
        assert f"{name} " in shown
        assert url in shown
    listed = json.loads(telematics("webhook", "list", "--json", stack=deployed()).out)
    assert listed == [{"name": name, "url": url} for name, url in WEBHOOKS.items()]
