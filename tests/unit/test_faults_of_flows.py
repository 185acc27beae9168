"""Whatever happens between a provider and the lake: nothing is lost, and nothing is doubled."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from pyiceberg.catalog import Catalog

from telematics import together
from telematics.errors import TelematicsError
from telematics.intake import LEASE
from telematics.ledger import Ledger
from telematics.raw import RawKey
from telematics.webhooks import Refused
from tests.unit import fault_flows
from tests.unit.fakes import FakeTable
from tests.unit.fault_flows import Died, Door, Flow

Made = tuple[Flow, Door | None]

COPIES, CALLS = 46, 4
AFTER_A_DAY = timedelta(hours=25)
ATTEMPTS = 8
ABSENCE = timedelta(days=13)  # for two weeks dead letters are kept
# A message whose function died is invisible for twice its time and a minute.
INVISIBLE = timedelta(minutes=31)
OFF = timedelta(minutes=6)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marks = list(metafunc.definition.iter_markers("fault"))
    flows = [one for one in fault_flows.MAKERS if any(one in mark.kwargs["of"] for mark in marks)]
    metafunc.parametrize("made", flows, indirect=True)


@pytest.fixture
def made(catalog: Catalog, request: pytest.FixtureRequest) -> Made:
    return fault_flows.MAKERS[request.param](catalog)


@pytest.fixture
def flow(made: Made) -> Flow:
    return made[0]


def parts(keys: Sequence[RawKey], count: int) -> Iterator[Sequence[RawKey]]:
    size = -(-len(keys) // count)
    return (keys[start : start + size] for start in range(0, len(keys), size))


@contextmanager
def dying(patched: pytest.MonkeyPatch, owner: Any, *names: str) -> Iterator[None]:
    """Whoever comes there is gone, and leaves its leases behind."""

    def die(*_: object, **__: object) -> None:
        raise Died

    with patched.context() as broken:
        broken.setattr(Ledger, "release", lambda *_: None)
        for name in names:
            broken.setattr(owner, name, die)
        yield


@pytest.mark.fault("duplicate", "reorder", of=("sentiance", "move", "dashcam", "zendrive"))
def test_what_comes_46_times_in_any_order_is_there_once(flow: Flow) -> None:
    order = Random(7)  # noqa: S311  # no secret
    told = flow.deliveries * COPIES
    order.shuffle(told)
    flow.asked_for()
    flow.asked_for()
    for one in told:
        one()
    waiting = flow.world.s3.heard()
    while waiting:
        messages = waiting * COPIES
        order.shuffle(messages)
        for call in parts(messages, CALLS):
            assert flow.work(call) == []
        waiting = flow.world.s3.heard()
    assert flow.rows() == flow.truth


@pytest.mark.fault("replay", of=("sentiance", "move", "dashcam", "zendrive"))
@pytest.mark.fault("clock", of=("move", "dashcam", "zendrive"))
def test_what_comes_again_after_a_day_or_by_a_clock_that_is_wrong_is_known(made: Made) -> None:
    flow, door = made
    messages = flow.deliver()
    flow.drain(messages)
    assert flow.rows() == flow.truth
    for minutes in (-6, 6):
        if door:
            door.skew = timedelta(minutes=minutes)
        flow.drain([*messages, *repeated(flow)])
    flow.pass_by(AFTER_A_DAY)
    flow.drain([*messages, *repeated(flow)])
    assert flow.rows() == flow.truth


def repeated(flow: Flow) -> list[RawKey]:
    """By their senders. An address that was used a day ago is none any more."""
    for one in flow.deliveries:
        with suppress(Refused):
            one()
    return flow.world.s3.heard()


@pytest.mark.fault("crash", of=("sentiance", "move", "dashcam", "zendrive"))
def test_who_dies_before_or_after_the_rows_are_there_is_made_up_for(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = flow.deliver()
    for owner, names in ((flow.world.s3, ["get_object"]), (Ledger, ["loaded", "detailed"])):
        with dying(monkeypatch, owner, *names), pytest.raises(Died):
            flow.work(messages)
        flow.pass_by(INVISIBLE)
    flow.drain([*messages, *flow.world.s3.heard()])
    assert flow.rows() == flow.truth


@pytest.mark.fault("redrive", "full", of=("sentiance", "move", "dashcam", "zendrive"))
def test_what_nobody_could_load_for_days_is_loaded_once_it_is_put_back(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = flow.deliver()
    with monkeypatch.context() as broken:
        broken.setattr(FakeTable, "update_item", refuse)
        for _ in range(ATTEMPTS):
            assert flow.work(messages) == messages
    flow.pass_by(ABSENCE)
    assert flow.rows() == dict.fromkeys(flow.truth, 0)
    monkeypatch.setattr(together, "MOST_ROWS", 1_000)  # more is there than that
    flow.drain(messages)
    assert flow.rows() == flow.truth


def refuse(*_: object, **__: object) -> None:
    raise TelematicsError("the ledger can't be written")


@pytest.mark.fault("clock", of=("sentiance", "move", "dashcam", "zendrive"))
def test_two_at_once_by_a_clock_that_ends_leases_early_leave_it_there_once(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages, real = flow.deliver(), flow.world.s3.get_object
    passed = LEASE - OFF + timedelta(seconds=1)  # within the time of a function

    def overtaken(**arguments: Any) -> Any:  # Any: as the client has them
        monkeypatch.setattr(flow.world.s3, "get_object", real)
        flow.pass_by(passed + OFF)
        assert flow.work(messages) == []
        assert any(flow.rows().values())  # it had not to wait
        flow.pass_by(-OFF)
        return real(**arguments)

    monkeypatch.setattr(flow.world.s3, "get_object", overtaken)
    flow.drain(messages)
    assert flow.rows() == flow.truth
