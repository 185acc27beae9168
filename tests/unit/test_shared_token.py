"""One token for all workers: logged in once, renewed once, and never left locked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from telematics.errors import ProviderBusy, ProviderRefused
from telematics.shared_token import LEASE, REFUSED_FOR, STAGE, SharedToken
from telematics.tasks import Tasks
from tests.unit.fakes import FakeTable, refusal

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)


@dataclass
class Manager:
    """Versions of one secret. `before_put` is called while somebody has just logged in."""

    versions: dict[str, str] = field(default_factory=dict, repr=False)
    stages: list[list[str]] = field(default_factory=list)
    before_put: Callable[[], object] = lambda: None

    def put_secret_value(self, **asked: Any) -> dict[str, str]:
        self.before_put()
        version = f"version-{len(self.versions) + 1}"
        self.versions[version] = asked["SecretString"]
        self.stages.append(asked["VersionStages"])
        return {"VersionId": version}

    def get_secret_value(self, **asked: str) -> dict[str, str]:
        if asked["VersionId"] not in self.versions:
            raise refusal("ResourceNotFoundException", "GetSecretValue")
        return {"SecretString": self.versions[asked["VersionId"]]}


@dataclass
class Workers:
    """Each has its own memory; the secret, the table and the clock are shared."""

    manager: Manager = field(default_factory=Manager)
    table: FakeTable = field(default_factory=FakeTable)
    now: datetime = NOW
    logins: int = 0

    def worker(self, name: str = "one") -> SharedToken:
        return SharedToken(
            name=name,
            secret_arn=lambda: "arn",
            client=lambda: cast(Any, self.manager),
            tasks=lambda: Tasks(cast(Any, self.table)),
            now=lambda: self.now,
            sleep=self.sleep,
        )

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def login(self) -> str:
        self.logins += 1
        return f"token-{self.logins}"


@pytest.fixture
def workers() -> Workers:
    return Workers()


def refuse() -> str:
    raise ProviderRefused("the password is wrong")


def test_who_comes_later_has_the_token_of_the_first(workers: Workers) -> None:
    first, second = workers.worker(), workers.worker()
    assert first.current() is None
    assert first.renewed(None, workers.login) == "token-1"
    assert (first.current(), second.current()) == ("token-1", "token-1")
    assert second.renewed(None, workers.login) == "token-1"
    assert workers.logins == 1


@pytest.mark.fault("rotated", of=("dashcam",))
def test_a_token_that_is_no_longer_good_is_renewed_by_one_of_them(workers: Workers) -> None:
    first, second = workers.worker(), workers.worker()
    for worker in (first, second):
        worker.renewed(None, workers.login)
    assert second.renewed("token-1", workers.login) == "token-2"
    assert first.current() == "token-1"  # until it is refused
    assert first.renewed("token-1", workers.login) == "token-2"
    assert workers.logins == 2


def test_it_rests_in_the_secret_alone_and_its_keys_stay_current(workers: Workers) -> None:
    workers.worker().renewed(None, workers.login)
    assert "token-1" not in repr(workers.table.items)
    assert workers.manager.versions == {"version-1": "token-1"}
    assert workers.manager.stages == [[STAGE]]
    worker = workers.worker()
    worker.current()
    assert "token-1" not in repr(worker)


def test_while_one_logs_in_the_others_wait_for_it(workers: Workers) -> None:
    waited: list[str] = []

    def meanwhile() -> None:
        workers.manager.before_put = lambda: None
        with pytest.raises(ProviderBusy):
            workers.worker().renewed(None, refuse)
        waited.append("in vain")

    # It waits longer than a lease lasts only where the lease is held again and again.
    hold = LEASE + timedelta(hours=1)
    workers.manager.before_put = meanwhile
    original = SharedToken._seconds

    def longer(self: SharedToken, more: timedelta = timedelta()) -> int:
        return original(self, hold if more == LEASE else more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SharedToken, "_seconds", longer)
        assert workers.worker().renewed(None, workers.login) == "token-1"
    assert waited == ["in vain"]
    assert workers.logins == 1


def test_a_worker_that_died_while_it_logged_in_locks_nobody_out(workers: Workers) -> None:
    def die() -> str:
        raise KeyboardInterrupt

    dead = workers.worker()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SharedToken, "_write", _only_the_first(SharedToken._write))
        with pytest.raises(KeyboardInterrupt):
            dead.renewed(None, die)
    begun = workers.now
    assert workers.worker().renewed(None, workers.login) == "token-1"
    assert timedelta(0) < workers.now - begun <= LEASE + timedelta(seconds=1)


def _only_the_first(write: Callable[..., bool]) -> Callable[..., bool]:
    written: list[bool] = []

    def once(*arguments: Any, **facts: Any) -> bool:
        written.append(True)
        return write(*arguments, **facts) if len(written) == 1 else False

    return once


def test_a_login_that_is_refused_is_not_tried_again_by_everybody(workers: Workers) -> None:
    with pytest.raises(ProviderRefused, match="password"):
        workers.worker().renewed(None, refuse)
    with pytest.raises(ProviderRefused, match="a moment ago"):
        workers.worker().renewed(None, workers.login)
    assert workers.logins == 0
    workers.now += REFUSED_FOR
    assert workers.worker().renewed(None, workers.login) == "token-1"


def test_a_login_that_finds_nobody_gives_the_lease_back(workers: Workers) -> None:
    def busy() -> str:
        raise ProviderBusy("busy")

    with pytest.raises(ProviderBusy):
        workers.worker().renewed(None, busy)
    begun = workers.now
    assert workers.worker().renewed(None, workers.login) == "token-1"
    assert workers.now == begun


def test_other_accounts_have_other_tokens_and_a_lost_version_is_no_token(
    workers: Workers,
) -> None:
    workers.worker().renewed(None, workers.login)
    assert workers.worker("another").current() is None
    workers.manager.versions.clear()
    assert workers.worker().current() is None
