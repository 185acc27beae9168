"""`telematics fetch`, seen from the shell."""

from collections.abc import Callable
from datetime import date

import pytest

from infra.cli import main, target
from infra.cli.target import Deployment
from tests.unit.cli_stack import Item, deployed, row

DAY = date(2023, 6, 4)
RANGE = ("--from", "2023-06-04", "--to", "2023-06-04")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Deployment], None]:
    monkeypatch.setattr("time.sleep", lambda _: None)
    return lambda stack: monkeypatch.setattr(target, "find", lambda _: stack)


def telematics(*arguments: str) -> int:
    return main.main(arguments)


def loaded(dataset: str, **more: object) -> Item:
    return row(DAY, dataset, "loaded", rows=10, quarantined=0, **more)


def test_all_loaded_is_success(
    use: Callable[[Deployment], None], capsys: pytest.CaptureFixture[str]
) -> None:
    use(deployed([loaded("transports"), loaded("badges", quarantined=2)]))
    assert telematics("fetch", "sentiance", *RANGE) == 0
    shown = capsys.readouterr().out
    assert "2 files listed, 2 stored, 2 loaded: 20 rows" in shown
    assert "2 rows could not be read" in shown
