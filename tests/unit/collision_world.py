"""All that a request for a collision touches, in memory; the provider answers when told to."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from telematics import capabilities, catalog
from telematics.callbacks import Callbacks
from telematics.capabilities import Capabilities
from telematics.catalog import Provider
from telematics.collisions.asking import Asking, Patience
from telematics.collisions.claiming import Claimed, Claiming
from telematics.collisions.collision import Collision, Collisions
from telematics.collisions.drivers import Drivers
from telematics.collisions.finishing import Finishing
from telematics.collisions.hearing import Hearing
from telematics.collisions.sources import Question
from telematics.collisions.waking import Waking
from telematics.collisions.wishes import Wish, wish
from telematics.schemes import Capability, Signature, Webhook
from telematics.signing_secrets import SigningSecrets
from telematics.tasks import Tasks
from telematics.users.user import Status, User, UserGone
from telematics.waits import Waits
from telematics.webhooks import HttpEvent, Receiver, Refused, Taken
from tests.unit.clip_world import FakeSteps
from tests.unit.fakes import FakeBus, FakeS3, FakeTable

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
DETAIL: dict[str, Any] = {  # Any: JSON
    "user_id": "user-1",
    "date": "2024-03-04",
    "claim": "claim 4711",
    "requester": "claims-desk",
}
CALLBACK = Webhook(
    "answers",
    Capability(),
    secret="",
    largest_bytes=1_000,
    path="acme/answers/{token}",
    kept_as="details",
)
SIGNATURE = Signature("x-signature", "", "sha256", "hex")
ACME = Provider(
    name="acme",
    title="Acme Crashes",
    base_url="https://api.acme.example",
    required=("api_key",),
    webhooks=(Webhook("notices", SIGNATURE, "api_key"), CALLBACK),
    collisions=True,
)
ADDRESS = "https://our.example/webhooks/acme/answers/"
ANSWER = b'{"trip_info": []}'
# What no log, event, machine or record may show.
PRIVATE = ("user-1", "driver-77", "52.5", "our.example")


@dataclass
class People:
    """One user, and whoever a test adds; `erased` are gone."""

    users: dict[str, User] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)

    def add(self, user_id: str, *, status: Status = Status.ACTIVE, **links: str) -> None:
        self.users[user_id] = User(user_id, status, since=NOW, created_at=NOW, links=links)

    def get(self, user_id: str) -> User | None:
        return self.users.get(user_id)

    def owner(self, provider: str, provider_user_id: str) -> User | None:
        if provider_user_id in self.erased:
            raise UserGone("whoever that was is erased")
        named = (one for one in self.users.values() if one.links.get(provider) == provider_user_id)
        return next(named, None)

    def tombstone(self, user_id: str) -> object | None:
        return user_id if user_id in self.erased else None


@dataclass
class Source:
    """Takes every question, unless told otherwise."""

    answers: list[Exception | None] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> None:
        self.asked.append(question)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer

    @property
    def tokens(self) -> list[str]:
        urls = [one.answer_to.get_secret_value() for one in self.asked]
        assert all(one.startswith(ADDRESS) for one in urls)
        return [urlsplit(one).path.rpartition("/")[2] for one in urls]


@dataclass
class World:
    """One provider's collisions. Time passes when a test says so."""

    people: People = field(default_factory=People)
    source: Source = field(default_factory=Source)
    table: FakeTable = field(default_factory=FakeTable)
    raw: FakeS3 = field(default_factory=FakeS3)
    bus: FakeBus = field(default_factory=FakeBus)
    steps: FakeSteps = field(default_factory=FakeSteps)
    now: datetime = NOW

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)

    @property
    def tasks(self) -> Tasks:
        return Tasks(cast(Any, self.table))

    @property
    def collisions(self) -> Collisions:
        return Collisions(self.tasks)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(self.tasks)

    @property
    def callbacks(self) -> Callbacks:
        return Callbacks(cast(Any, self.steps))

    @property
    def claiming(self) -> Claiming:
        return Claiming(self.collisions, Drivers(self.people), self.bus.bus)

    @property
    def asking(self) -> Asking:
        return Asking(
            collisions=self.collisions,
            source=lambda: self.source,
            drivers=Drivers(self.people),
            hearing=Hearing(self.capabilities),
            callbacks=self.callbacks,
            patience=Patience(answer_seconds=900, most_asks=3, waits=Waits(10, 600)),
            address=lambda token: ADDRESS + token,
            now=lambda: self.now,
        )

    @property
    def finishing(self) -> Finishing:
        return Finishing(
            self.collisions, Hearing(self.capabilities), self.bus.bus, lambda: self.now
        )

    @property
    def waking(self) -> Waking:
        return Waking(self.collisions, self.callbacks, lambda: self.now)

    @property
    def receiver(self) -> Receiver:
        return Receiver(ACME, cast(SigningSecrets, None), self.raw.zone, lambda: self.capabilities)

    def wish(self, **other: Any) -> Wish:
        told = {name: one for name, one in (DETAIL | other).items() if one is not None}
        return wish(told, provider="acme", now=self.now)

    def claimed(self, key: str = "", **other: Any) -> Claimed:
        return self.claiming.request(self.wish(**other), now=self.now, key=key)

    def asked(self, collision_id: str = "", execution: str = "run-1") -> str:
        """What the machine does next."""
        collision_id = collision_id or self.claimed().collision.task_id
        event = {"collision_id": collision_id, "token": "task-token", "execution": execution}
        return str(self.asking.ask(cast(Any, event))["next"])

    def finished(self, execution: str = "run-1") -> str:
        return str(self.finishing.finish(self.wish().collision_id, execution)["state"])

    def posted(self, token: str, body: bytes = ANSWER) -> Taken:
        """Raises Refused."""
        return self.receiver.take(post(token, body), now=self.now)

    def refused(self, token: str, body: bytes = ANSWER) -> Refused:
        with pytest.raises(Refused) as refusal:
            self.posted(token, body)
        return refusal.value

    def told_of(self, key: str) -> int:
        return self.waking.take({"detail": {"object": {"key": key}}})

    @property
    def collision(self) -> Collision:
        found = self.collisions.get(self.wish().collision_id)
        assert found is not None
        return found

    @property
    def news(self) -> list[tuple[str, dict[str, Any]]]:
        return [(name, one) for _, name, one in self.bus.put if name != "Collision Requested"]


def post(token: str, body: bytes = ANSWER) -> HttpEvent:
    return {
        "routeKey": "POST /webhooks/acme/answers/{token}",
        "rawPath": f"/webhooks/acme/answers/{token}",
        "pathParameters": {"token": token},
        "headers": {},
        "requestContext": {"requestId": "request-1"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def place_of(token: str) -> str:
    return capabilities.place_of(token)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setitem(cast(dict[str, Any], catalog.PROVIDERS), "acme", ACME)
    here = World()
    here.people.add("user-1", acme="driver-77")
    yield here
    told = repr((here.bus.put, here.steps.told))
    assert not any(private in told for private in (*PRIVATE, *here.source.tokens))
    assert not any(token in repr(here.table.items) for token in here.source.tokens)
