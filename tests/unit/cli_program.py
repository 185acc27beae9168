"""The program as a shell runs it: arguments in; exit code, answer and remarks out."""

from dataclasses import dataclass

import pytest

from infra.cli import (
    backfill,
    looking,
    main,
    rotation,
    settling,
    target,
)
from infra.cli.target import Deployment


@dataclass(frozen=True)
class Ended:
    """What is left of a run."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Program:
    """`telematics`, on a stack of the test's own."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, stack: Deployment | None = None) -> Ended:
        with self.monkeypatch.context() as patch:
            patch.setattr(backfill, "PAUSE_SECONDS", 0)
            patch.setattr(settling, "PAUSE_SECONDS", 0)
            patch.setattr(settling, "IDLE_SECONDS", 0)
            patch.setattr(looking, "PAUSE_SECONDS", 0)
            patch.setattr(rotation, "sleep", lambda seconds: None)
            if stack is not None:
                patch.setattr(target, "find", lambda sandbox=None: stack)
            code = main.main(arguments)
        printed = self.capsys.readouterr()
        return Ended(code, printed.out, printed.err)


@pytest.fixture
def telematics(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(monkeypatch, capsys)
