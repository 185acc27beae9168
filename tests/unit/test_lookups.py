"""One trip or collision that somebody names: whom it is about, where it is kept, what is told."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest

from functions import look_up
from telematics import http, lookups, raw, secrets, settings
from telematics.collisions import drivers
from telematics.collisions.drivers import Drivers
from telematics.observability import metrics
from telematics.providers.zendrive import lookups as zendrive_lookups
from telematics.providers.zendrive.rows import contents
from telematics.raw import RawKey
from telematics.secrets import Secrets
from tests.unit.fakes import FakeS3
from tests.unit.lambda_call import Context
from tests.unit.private_call import Answered, answered, event
from tests.unit.simulated_zendrive import NOON, Simulator
from tests.unit.user_world import NOW, UserWorld
from tests.unit.zendrive_server import KEY, Server, answering, error, status

DRIVER, USER, STRANGER = "2b1d34662883ca176ddc2612", "driver-0001", "77aa"
TRIP = "1687251600000"  # 2023-06-20
ROUTE = "POST /v1/lookups/zendrive"
READ = b'{"trip_id": "1687251600000", "info": {}}'


@dataclass
class Given:
    """What is around the function: a secret, users, a bucket and Zendrive."""

    server: Server
    s3: FakeS3 = field(default_factory=FakeS3)
    world: UserWorld = field(default_factory=UserWorld)
    secret: str = json.dumps({"api_key": KEY})

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        return {"SecretString": self.secret}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Given]:
    def given(server: Server, client: httpx.Client | None = None, **other: Any) -> Given:
        here = Given(server, **other)
        here.world.directory.add(USER, {"zendrive": DRIVER}, now=NOW)
        environment = {
            "PROVIDER": "zendrive",
            "PROVIDER_BASE_URL": "http://simulator.test",
            "SECRET_ARN": "arn",
        }
        readable = Secrets(cast(Any, here))  # Any: it stands in for a client of AWS
        patience = replace(zendrive_lookups.PATIENCE, sleep=server.waits.append, jitter=lambda: 1.0)
        monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
        monkeypatch.setattr(lookups, "settings", lambda: settings.Settings(environment))
        monkeypatch.setattr(secrets, "deployed", lambda: readable)
        monkeypatch.setattr(drivers, "deployed", lambda: Drivers(here.world.directory))
        monkeypatch.setattr(raw, "deployed", lambda: here.s3.zone)
        monkeypatch.setattr(http, "prompt", lambda: client or server.http)
        monkeypatch.setattr(zendrive_lookups, "PATIENCE", patience)
        return here

    return given


def asked(kind: str = "trip", user_id: object = USER, id: object = TRIP) -> Answered:
    body = {"kind": kind, "user_id": user_id, "id": id}
    return answered(look_up.handler(event(ROUTE, body), Context()))


def test_a_trip_is_read_of_the_driver_that_a_user_is_linked_to(
    given: Callable[..., Given],
) -> None:
    here = given(answering(status(200, READ)))

    answer = asked()

    [request] = here.server.requests
    assert (request.method, request.url.path) == ("GET", f"/v4/driver/{DRIVER}/trip/{TRIP}")
    [(key, content)] = here.s3.objects.items()
    assert (answer.status, answer.told["raw_key"]) == (200, key)
    assert (answer.told["dataset"], answer.told["bytes"]) == ("trip_reads", len(READ))
    assert key.startswith("zendrive/trip_reads/day=2023-06-20/")
    plain = gzip.decompress(content)
    assert READ in plain
    [entry] = json.loads(plain)
    assert (entry["asked"], entry["trip"]) == ("trip", f"{DRIVER}/{TRIP}")


def test_a_driver_is_named_by_either_name_or_by_nobody_s(given: Callable[..., Given]) -> None:
    here = given(answering(status(200, READ)))
    assert [asked(user_id=who).status for who in (USER, DRIVER, STRANGER)] == [200] * 3
    named = [one.url.path.split("/")[3] for one in here.server.requests]
    assert named == [DRIVER, DRIVER, STRANGER]
    assert len(here.s3.objects) == 2  # the same answer about the same driver is kept once


def test_an_id_that_is_no_time_is_kept_under_today(given: Callable[..., Given]) -> None:
    here = given(answering(status(200, READ)))
    assert asked(id="abc17").status == 200
    [key] = here.s3.objects
    assert key.startswith(f"zendrive/trip_reads/day={datetime.now(UTC).date()}/")


@pytest.mark.parametrize("name", [USER, DRIVER])
def test_nobody_asks_about_people_who_are_blocked_or_erased(
    given: Callable[..., Given], name: str
) -> None:
    here = given(answering(status(200, READ)))
    directory = here.world.directory
    directory.block(USER, now=NOW)
    assert asked(user_id=name).status == 403
    directory.erase(USER, now=NOW)
    assert asked(user_id=name).status == 403
    directory.bury(USER, erasure_id="e-1", now=NOW)
    assert asked(user_id=name).status == 403
    assert here.server.requests == []
    assert here.s3.objects == {}


def test_who_is_not_linked_is_told_so(given: Callable[..., Given]) -> None:
    here = given(answering(status(200, READ)))
    here.world.directory.add("driver-0002", now=NOW)
    answer = asked(user_id="driver-0002")
    assert (answer.status, "not linked to zendrive" in answer.told["detail"]) == (409, True)
    assert here.server.requests == []


@pytest.mark.parametrize(
    ("from_provider", "code", "said"),
    [
        (error(404, f"trip of {DRIVER} is not valid"), 404, "knows no such trip"),
        (error(403, f"not {DRIVER}"), 403, "may not read this"),
        (error(400, f"{DRIVER}: bad fields"), 422, "bad fields"),
        (status(401), 422, "is api_key right"),
        (status(429, Retry_After="9"), 503, "answered 429"),
        (httpx.ReadTimeout("x"), 503, "no answer"),
        (status(200, b"<html>"), 503, "no JSON object"),
    ],
)
def test_what_the_provider_says_is_told_without_a_name(
    given: Callable[..., Given], from_provider: httpx.Response, code: int, said: str
) -> None:
    here = given(answering(from_provider))
    answer = asked()
    assert answer.status == code
    assert said in answer.told["detail"]
    assert DRIVER not in str(answer.told)
    assert KEY not in str(answer.told)
    assert here.s3.objects == {}
    assert ("Retry-After" in answer.headers) == (code == 503)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "car", "user_id": USER, "id": TRIP}, "collision, trip"),
        ({"kind": "trip", "user_id": "", "id": TRIP}, "user_id has 1 to 100"),
        ({"kind": "trip", "user_id": USER, "id": "1" * 101}, "id has 1 to 100"),
        ({"kind": "trip", "user_id": USER, "id": "../7"}, "letters and digits"),
        ({"kind": "trip", "user_id": USER, "id": 7}, "id"),
        ({"kind": "trip", "user_id": USER}, "id"),
        ({"kind": "trip", "user_id": USER, "id": TRIP, "more": 1}, "more"),
        ("x", "JSON object"),
    ],
)
def test_a_call_that_makes_no_sense_says_what_would(
    given: Callable[..., Given], body: object, said: str
) -> None:
    here = given(answering(status(200, READ)))
    answer = answered(look_up.handler(event(ROUTE, body), Context()))
    assert answer.status == 400
    assert said in answer.told["detail"]
    assert here.server.requests == []


def test_without_a_key_it_is_said_how_to_configure_one(given: Callable[..., Given]) -> None:
    given(answering(status(200, READ)), secret="{}")  # noqa: S106  # nothing is in it
    answer = asked()
    assert answer.status == 503
    assert "telematics configure zendrive" in answer.told["detail"]


def test_nobody_is_named_in_the_log(
    given: Callable[..., Given], capsys: pytest.CaptureFixture[str]
) -> None:
    given(answering(status(200, READ), error(404, f"{DRIVER} {TRIP}")))
    assert [asked().status, asked().status] == [200, 404]
    told = capsys.readouterr()
    for private in (DRIVER, USER, TRIP, KEY):
        assert private not in told.out + told.err


def test_what_the_simulator_tells_becomes_rows(given: Callable[..., Given]) -> None:
    simulator = Simulator()
    crash = simulator.control("crash", driver=USER, at=NOON - 3600)
    client = httpx.Client(transport=simulator.transport)
    here = given(
        answering(), client=client, secret=json.dumps({"api_key": "sandbox.zendrive-api-key"})
    )

    assert asked("collision", id=crash["collision_id"]).status == 200
    assert asked("trip", id=f"{crash['trip_id']}").status == 200

    rows = Counter[str]()
    for key, content in here.s3.objects.items():
        found = contents(RawKey.parse(key), gzip.decompress(content), NOW)
        assert found.unreadable == []
        for thing in found.things:
            rows.update({dataset: len(told) for dataset, told in thing.rows.items()})
    assert (rows["trips"], rows["collisions"], rows["motion"]) == (2, 1, 2223)
