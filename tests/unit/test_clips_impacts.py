"""An impact asks for its footage by itself: once, and only for drivers who are users."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions import answer_impact
from telematics.clips import impacts
from telematics.clips.impacts import Impact, Impacts
from telematics.enrichment.envelope import Entry, packed
from telematics.errors import MalformedPayload, ProviderBusy
from telematics.observability import metrics
from telematics.providers.dashcam import impacts as dashcam
from telematics.raw import Provenance, RawKey
from telematics.users.user import Status, User, UserGone
from tests.unit.clip_world import NOW, SECRETS, World, world
from tests.unit.dashcam_server import answering, ok, payload
from tests.unit.lambda_call import Context

__all__ = ["world"]

DRIVER, DEVICE = "17", "cid-0001"
AT = datetime.fromtimestamp(1_709_622_750, NOW.tzinfo)


@dataclass
class Neighbourhood:
    """A user, a provider that knows more than its webhooks tell, and raw."""

    world: World
    status: Status = Status.ACTIVE
    linked: str = DRIVER
    is_erased: bool = False
    listed: bytes = field(default_factory=lambda: payload("events"))

    def owner(self, provider: str, driver: str) -> User | None:
        if self.is_erased:
            raise UserGone("whoever that was is erased")
        user = User("dana", self.status, NOW, NOW)
        return user if (provider, driver) == ("dashcam", self.linked) else None

    @property
    def impacts(self) -> Impacts:
        return Impacts(
            zone=self.world.raw.zone,
            kinds={"1"},
            module=lambda _: dashcam,
            source=lambda: dashcam.DashcamImpacts(answering(ok(self.listed)).client()),
            owner=self.owner,
            desk=lambda: self.world.desk,
            now=lambda: self.world.now,
        )

    def kept(self, dataset: str, content: bytes, extension: str = "json") -> Any:
        key = RawKey("dashcam", dataset, NOW.date(), "a", extension)
        self.world.raw.zone.put(key, content, Provenance("now"))
        return {"detail": {"object": {"key": str(key)}}}

    def delivered(self) -> Any:
        return self.kept("messages", payload("message_event_triggered"))

    def synced(self, asked: str = "event") -> Any:
        entry = Entry(asked, NOW, payload("event" if asked == "event" else "events"))
        return self.kept("events", packed([entry]), "json.gz")


@pytest.fixture
def near(world: World) -> Neighbourhood:
    return Neighbourhood(world)


@pytest.mark.parametrize("way", [Neighbourhood.delivered, Neighbourhood.synced])
def test_an_impact_asks_for_its_footage(
    near: Neighbourhood, way: Callable[[Neighbourhood], Any]
) -> None:
    assert near.impacts.take(way(near)) == 1
    [(_, name, detail)] = near.world.bus.put
    assert (name, detail["device"], detail["camera"]) == ("Clip Requested", DEVICE, "ALL")
    clip = near.world.clip(detail["clip_id"])
    assert (clip.at, clip.state, clip.person) == (AT, "requested", DRIVER)
    [request] = clip.requests
    assert request.requester == "telematics"
    assert request.reason.startswith("impact ")


def test_told_many_times_it_is_asked_for_once(near: Neighbourhood) -> None:
    told = [near.delivered(), near.synced(), near.delivered(), near.synced("events")]
    assert [_later(near, one) for one in told] == [1, 0, 0, 0]
    [clip_id] = {detail["clip_id"] for _, _, detail in near.world.bus.put}
    assert len(near.world.clip(clip_id).requests) == 1
    near.world.asking.begin({"clip_id": clip_id, "execution": "run-1"})
    before = len(near.world.bus.put)
    assert _later(near, near.delivered()) == 0
    assert len(near.world.bus.put) == before


def _later(near: Neighbourhood, event: Any) -> int:
    near.world.pass_by(minutes=5)
    return near.impacts.take(event)


def test_footage_that_is_gone_is_not_asked_for_again(near: Neighbourhood) -> None:
    near.impacts.take(near.delivered())
    [(_, _, detail)] = near.world.bus.put
    near.world.asking.begin({"clip_id": detail["clip_id"], "execution": "run-1"})
    assert near.world.finished(detail["clip_id"]) == "failed"
    assert _later(near, near.synced()) == 0
    assert near.world.clip(detail["clip_id"]).has_ended


def test_nobody_and_whoever_may_not_be_kept_is_let_alone(near: Neighbourhood) -> None:
    near.linked = "18"
    assert near.impacts.take(near.delivered()) == 0
    near.linked, near.status = DRIVER, Status.BLOCKED
    assert near.impacts.take(near.synced()) == 0
    near.is_erased = True
    assert near.impacts.take(near.synced()) == 0
    assert near.world.table.items == {}


def test_what_is_no_impact_or_long_ago_is_let_alone(near: Neighbourhood) -> None:
    near.world.pass_by(days=4)
    assert near.impacts.take(near.synced()) == 0
    near.world.pass_by(days=-4)
    here = near.impacts
    others = Impacts(**{**vars(here), "kinds": {"4"}})
    assert others.take(near.synced()) == 0
    assert near.impacts.take(near.kept("messages", payload("message_task_update"))) == 0
    assert near.world.table.items == {}


def test_an_event_that_the_provider_does_not_list_yet_is_left_to_the_next_sync(
    near: Neighbourhood,
) -> None:
    near.listed = b'{"result": true, "code": "S00000", "count": 0, "data": []}'
    assert near.impacts.take(near.delivered()) == 0
    assert near.impacts.take(near.synced()) == 1


def test_what_is_gone_or_can_not_be_read_asks_for_nothing(near: Neighbourhood) -> None:
    event = near.delivered()
    near.world.raw.objects.clear()
    assert near.impacts.take(event) == 0
    assert near.impacts.take(near.kept("messages", b"no JSON")) == 0
    with pytest.raises(MalformedPayload):
        dashcam.told("events", b"[{]")


def test_a_provider_that_is_busy_is_asked_again(near: Neighbourhood) -> None:
    def busy() -> Any:
        raise ProviderBusy("busy")

    here = Impacts(**{**vars(near.impacts), "source": busy})
    with pytest.raises(ProviderBusy):
        here.take(near.delivered())


def test_another_event_of_the_same_second_is_not_taken_for_it() -> None:
    api = answering(ok(payload("events"))).client()
    source = dashcam.DashcamImpacts(api)
    assert source.whole(Impact(DEVICE, AT + timedelta(seconds=1), "1")) is None
    assert source.whole(Impact("cid-0009", AT, "1")) is None
    assert source.whole(Impact(DEVICE, AT, "5")) is None
    found = source.whole(Impact(DEVICE, AT, "1"))
    assert found is not None
    assert (found.driver, bool(found.id)) == (DRIVER, True)
    assert DRIVER not in repr(found)


def test_the_function_counts_what_it_asked_for_and_names_nobody(
    near: Neighbourhood, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setattr(impacts, "deployed", lambda: near.impacts)
    answer_impact.handler(near.delivered(), Context())
    shown = capsys.readouterr().out
    assert "ImpactClips" in shown
    assert not any(one in shown for one in (*SECRETS, "Dana", '"17"'))
