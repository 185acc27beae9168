"""The desk of users with all around it in memory: directory, log, tasks, bus and providers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from pydantic import SecretStr

from functions import manage_users
from telematics.observability import metrics
from telematics.tasks import Tasks
from telematics.users import changing
from telematics.users.changing import Changing
from telematics.users.telling import Telling
from tests.unit.fakes import FakeBus, FakeTable
from tests.unit.lambda_call import Context
from tests.unit.private_call import Answered, answered, event
from tests.unit.user_world import NOW, UserWorld


@dataclass
class FakeAccess:
    """A provider: remembers what it was told, and fails as long as `fails` says how."""

    name: str
    told: list[tuple[str, ...]] = field(default_factory=list)
    fails: Exception | None = None

    def register(self, user_id: str, provider_user_id: str | None) -> Mapping[str, SecretStr]:
        self._tell("register", user_id, provider_user_id or "")
        return {"token": SecretStr(f"{self.name}-secret-{len(self.told)}")}

    def block(self, provider_user_id: str, *, blocked: bool) -> None:
        self._tell("block" if blocked else "unblock", provider_user_id)

    def _tell(self, *told: str) -> None:
        if self.fails:
            raise self.fails
        self.told.append(told)


@dataclass
class UserDesk:
    """`now` moves by a second with each look at the clock."""

    world: UserWorld = field(default_factory=UserWorld)
    tasks: FakeTable = field(default_factory=FakeTable)
    bus: FakeBus = field(default_factory=FakeBus)
    move: FakeAccess = field(default_factory=lambda: FakeAccess("move"))
    sentiance: FakeAccess = field(default_factory=lambda: FakeAccess("sentiance"))
    moment: datetime = NOW

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    def reach(self, provider: str) -> FakeAccess:
        return {"move": self.move, "sentiance": self.sentiance}[provider]

    @property
    def changing(self) -> Changing:
        return Changing(
            self.world.directory,
            self.world.log,
            Tasks(cast(Any, self.tasks)),
            self.bus.bus,
            Telling(self.reach),
            self.now,
        )

    def call(
        self,
        route: str,
        body: object = None,
        *,
        key: str = "",
        query: Mapping[str, str] | None = None,
        **path: str,
    ) -> Answered:
        """`route` without its `/v1/users`: `POST`, `GET /{user_id}`."""
        method, _, rest = route.partition(" ")
        headers = {"Idempotency-Key": key} if key else {}
        told = event(f"{method} /v1/users{rest}", body, path=path, query=query, headers=headers)
        return answered(manage_users.handler(told, Context()))

    def add(self, user_id: str = "anna", key: str = "", **links: str | None) -> Answered:
        return self.call("POST", {"user_id": user_id, "links": links}, key=key)

    def turn(self, how: str, user_id: str = "anna", key: str = "") -> Answered:
        body = {"reason": "as they asked"}
        return self.call(f"POST /{{user_id}}/{how}", body, key=key, user_id=user_id)

    def erase(self, user_id: str = "anna") -> Answered:
        return self.call("DELETE /{user_id}", {"reason": "they left"}, user_id=user_id)

    def show(self, user_id: str = "anna") -> Answered:
        return self.call("GET /{user_id}", user_id=user_id)

    def link(self, provider: str, id: str | None, user_id: str = "anna") -> Answered:
        return self.call(
            "PUT /{user_id}/links/{provider}",
            {"provider_user_id": id},
            user_id=user_id,
            provider=provider,
        )

    def unlink(self, provider: str, user_id: str = "anna") -> Answered:
        route = "DELETE /{user_id}/links/{provider}"
        return self.call(route, user_id=user_id, provider=provider)

    def log(self, user_id: str = "anna") -> Answered:
        return self.call("GET /{user_id}/access-log", user_id=user_id)

    def done(self, user_id: str = "anna") -> list[tuple[str, str]]:
        """What the log says was done, and how it ended."""
        told = self.log(user_id).told.get("entries", [])
        return [(one["action"], one["result"]) for one in told]

    @property
    def state(self) -> tuple[object, ...]:
        """All that a refused call must leave as it was."""
        people = {key: dict(one) for key, one in self.world.table.items.items()}
        log = dict(self.world.log_table.items)
        return people, log, list(self.bus.put), [*self.move.told, *self.sentiance.told]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> UserDesk:
    here = UserDesk()
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setattr(changing, "deployed", lambda: here.changing)
    return here
