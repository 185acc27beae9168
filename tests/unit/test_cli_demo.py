"""`telematics demo`: every step in its turn, and nothing suggested that does not exist."""

from datetime import UTC, datetime

import pytest
from pyiceberg.catalog import Catalog

from infra.cli import demo
from infra.cli.engines import iceberg
from telematics import tables
from tests.sandbox.state import Running
from tests.unit.cli_program import Program, telematics
from tests.unit.cli_stack import deployed, row
from tests.unit.conftest import DATABASE

__all__ = ["telematics"]


def test_it_goes_from_the_sandbox_to_answers_and_says_what_is_next(
    telematics: Program, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in tables.declared():
        tables.ensure(catalog, DATABASE, name)
    monkeypatch.setattr(iceberg, "catalog", lambda _: catalog)
    monkeypatch.setattr(
        demo, "ensure", lambda: Running("http://127.0.0.1:1", datetime.now(UTC), ready=True)
    )
    day = datetime.now(UTC).date()
    ended = telematics("demo", stack=deployed([row(day, "transports", "loaded", rows=7)]))
    assert ended.code == 0
    for question in demo.QUESTIONS:
        assert f"telematics query {question}" in ended.out
    assert "sandbox down" in ended.out


def test_it_never_touches_an_aws_account(telematics: Program) -> None:
    for arguments in (("demo", "--aws"), ("--aws", "demo")):
        assert telematics(*arguments).code == 2


@pytest.mark.parametrize("arguments", [arguments for arguments, _ in demo.NEXT])
def test_what_it_suggests_exists(telematics: Program, arguments: str) -> None:
    words = [word for word in arguments.split() if word.isidentifier()]
    command = words[:2] if words[0] in ("lake", "sandbox") else words[:1]
    assert telematics(*command, "--help").code == 0
