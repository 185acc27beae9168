"""A provider is simulated unless its address is given; its keys are handed over once."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from telematics.catalog import PROVIDERS
from tests.sandbox import simulation
from tests.sandbox.aws import Aws
from tests.sandbox.errors import SandboxError
from tests.sandbox.places import Places
from tests.sandbox.processes import Daemon
from tests.sandbox.simulation import Simulator

SENTIANCE = PROVIDERS["sentiance"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://test.example.com/api/"])
def test_a_named_server_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SENTIANCE_BASE_URL", url)
    assert simulation.named() == {"sentiance": url.rstrip("/")}


def test_without_a_name_all_are_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SENTIANCE_BASE_URL", raising=False)
    assert simulation.named() == {}


@pytest.mark.parametrize("url", ["api.sentiance.com", "ftp://x", "http://", "http://a b"])
def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SENTIANCE_BASE_URL", url)
    with pytest.raises(SandboxError, match="SENTIANCE_BASE_URL"):
        simulation.named()


def test_a_provider_without_simulator_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation, "SIMULATORS", tmp_path)
    with pytest.raises(SandboxError, match="no simulator of Sentiance: set SENTIANCE_BASE_URL"):
        simulation.start(SENTIANCE, places=Places(tmp_path), port=1, options={})


class Secrets:
    """One secret."""

    def __init__(self, value: dict[str, str]) -> None:
        self.value = value

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        return {"SecretString": json.dumps(self.value)}

    def put_secret_value(self, *, SecretString: str, **_: Any) -> None:  # noqa: N803
        self.value = json.loads(SecretString)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The keys that the simulator takes."""
    module = ModuleType(f"{simulation.PACKAGE}.sentiance")
    module.SECRET = {"read_key": "r", "url_key": "u"}  # type: ignore[attr-defined]  # as simulators have it
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return {"read_key": "r", "url_key": "u"}


def hand_over(secrets: Secrets) -> None:
    aws = Aws("http://127.0.0.1:4566")
    aws.__dict__.update(secrets=secrets)
    daemon = Daemon("sentiance", 1, "", Places(Path()))
    simulation.hand_over_keys(aws, Simulator(SENTIANCE, daemon, "http://x"), "telematics/sentiance")


@pytest.mark.parametrize("before", [{}, {"read_key": "half"}])
def test_a_secret_that_is_not_configured_gets_the_simulator_s_keys(
    keys: dict[str, str], before: dict[str, str]
) -> None:
    secrets = Secrets(before)
    hand_over(secrets)
    assert secrets.value == keys


def test_a_configured_secret_is_kept(keys: dict[str, str]) -> None:
    secrets = Secrets({"read_key": "mine", "url_key": "mine too"})
    hand_over(secrets)
    assert secrets.value["read_key"] == "mine"
