"""The program as a whole: its help, its exit codes, and what it costs to start."""

import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from infra.cli import exits, main, target
from telematics.errors import InvalidRequest, TelematicsError
from tests.unit.cli_program import Program, telematics

__all__ = ["telematics"]

COMMANDS = [
    (),
    ("demo",),
    ("sandbox",),
    ("configure",),
    ("fetch",),
    ("reconcile",),
    ("status",),
    ("query",),
    ("cost",),
    ("webhook",),
    ("webhook", "list"),
    ("webhook", "rotate"),
    ("clip",),
    ("clip", "request"),
    ("clip", "show"),
    ("sync",),
    ("move",),
    ("move", "label"),
    ("lake",),
    ("lake", "tables"),
]
GROUPS = (("sandbox",), ("lake",), ("webhook",), ("move",), ("clip",))
HEAVY = (
    "aws_cdk",
    "boto3",
    "botocore",
    "duckdb",
    "httpx",
    "pyarrow",
    "pyiceberg",
    "pydantic",
    "sqlglot",
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_examples(
    telematics: Program, command: tuple[str, ...]
) -> None:
    ended = telematics(*command, "--help")
    assert ended.code == 0
    assert "Examples" in ended.out or command in GROUPS
    if command:
        assert f"telematics {command[0]}" in ended.out


def test_the_exit_codes_are_part_of_the_help(telematics: Program) -> None:
    shown = telematics("--help").out
    for line in exits.CODES.splitlines():
        assert line in shown


def test_the_version_is_told(telematics: Program) -> None:
    assert telematics("--version").out.startswith("telematics 0.")


def test_a_command_that_is_not_there_is_refused_with_the_nearest(telematics: Program) -> None:
    ended = telematics("statos")
    assert ended.code == 2
    assert "Did you mean 'status'?" in ended.err


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from infra.cli import main; main.main(['--help']);"
        f"sys.exit(str([one for one in {HEAVY} if one in sys.modules] or ''))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)  # noqa: S603
    assert ended.stderr.decode().strip() == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (exits.CommandError("why"), 1),
        (exits.BadInput("why"), 2),
        (exits.Incomplete("why"), 3),
        (exits.TargetMissing("why"), 4),
        (exits.Interrupted("why"), 130),
        (TelematicsError("why"), 1),
        (InvalidRequest("why"), 2),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "why"}}, "Query"), 1),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    telematics: Program, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    def find(_: object) -> None:
        raise error

    monkeypatch.setattr(target, "find", find)
    ended = telematics("status")
    assert ended.code == code
    assert ended.err == f"telematics: {error}\n"
    monkeypatch.setenv("TELEMATICS_DEBUG", "1")
    assert "Traceback" in telematics("status").err


def test_what_nobody_foresaw_is_one_line_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TELEMATICS_DEBUG", raising=False)
    main._unforeseen(KeyError, KeyError("day"), None)
    assert capsys.readouterr().err == (
        "telematics: unexpected KeyError: 'day' (TELEMATICS_DEBUG=1 shows where)\n"
    )
