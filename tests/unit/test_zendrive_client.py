"""Zendrive's API as we call it: headers and bodies to the letter, refusals without a secret."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import httpx
import pytest
from pydantic import SecretStr

from telematics.errors import (
    Forbidden,
    InvalidRequest,
    MissingSetting,
    NotFound,
    ProviderBusy,
    ProviderRefused,
)
from telematics.http import Patience
from telematics.providers.zendrive import client, trial
from telematics.providers.zendrive.client import Zendrive
from telematics.providers.zendrive.wire import KeyRefused, NotValid
from tests.unit.simulated_zendrive import KEY as SIMULATED_KEY
from tests.unit.simulated_zendrive import NOON, Simulator
from tests.unit.zendrive_server import (
    BASE_URL,
    DRIVER,
    HOOK,
    KEY,
    LATITUDE,
    LONGITUDE,
    TOKEN,
    Answer,
    Server,
    answering,
    error,
    status,
    told,
)

DAY = date(2023, 11, 25)
AT = datetime(2023, 11, 25, 12, 23, 1, 325_999, timezone(timedelta(hours=-6)))

Call = Callable[[Zendrive], object]


def ask(zendrive: Zendrive) -> None:
    zendrive.ask_collision(DRIVER, DAY, HOOK, at=AT, latitude=LATITUDE, longitude=LONGITUDE)


def read_collision(zendrive: Zendrive) -> object:
    return zendrive.collision(DRIVER, "1700936581325")


def read_trip(zendrive: Zendrive) -> object:
    return zendrive.trip(DRIVER, "1700936581325")


CALLS = [ask, read_collision, read_trip]


def test_a_detail_is_asked_for_as_the_samples_do_it() -> None:
    server = answering(status(202))

    server.client.ask_collision(DRIVER, DAY, HOOK)

    [request] = server.requests
    assert (request.method, str(request.url)) == ("POST", f"{BASE_URL}/v1/collision_detail")
    assert request.headers["authorization"] == f"APIKEY {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert server.bodies == [{"user_id": DRIVER, "date": "2023-11-25", "webhook_url": HOOK}]


def test_time_and_place_are_told_when_they_are_known() -> None:
    server = answering(status(202))

    ask(server.client)

    [body] = server.bodies
    assert body["collision_id"] == "1700936581325"
    assert (body["latitude"], body["longitude"]) == (LATITUDE, LONGITUDE)


def test_half_a_place_is_none_and_the_equator_is_one() -> None:
    server = answering(status(202))
    text = told(
        lambda: server.client.ask_collision(DRIVER, DAY, HOOK, latitude=LATITUDE), InvalidRequest
    )
    assert "longitude" in text
    assert server.requests == []

    server.client.ask_collision(DRIVER, DAY, HOOK, latitude=0.0, longitude=0.0)
    assert (server.bodies[0]["latitude"], server.bodies[0]["longitude"]) == (0.0, 0.0)


@pytest.mark.parametrize("code", [200, 201, 204])
def test_only_202_is_acceptance(code: int) -> None:
    server = answering(status(code, b"{}"))
    text = told(lambda: ask(server.client), ProviderRefused)
    assert text == f"Zendrive answered {code} to detail, and not 202"
    assert len(server.requests) == 1


def test_reads_name_whom_and_what_in_their_paths() -> None:
    server = answering(status(200, b'{"data": {}}'))

    answers = [server.client.collision(DRIVER, "17"), server.client.trip(DRIVER, "18")]

    assert [(one.asked, one.body) for one in answers] == [
        ("collision", b'{"data": {}}'),
        ("trip", b'{"data": {}}'),
    ]
    assert [str(one.url) for one in server.requests] == [
        f"{BASE_URL}/v3/driver/driver%2017%2Fa/collision/17",
        f"{BASE_URL}/v4/driver/driver%2017%2Fa/trip/18"
        "?fields=info%2Cdriving_behavior%2Cspeed_profile%2Csimple_path%2Cevents",
    ]
    assert {one.headers["authorization"] for one in server.requests} == {f"APIKEY {KEY}"}


@pytest.mark.parametrize("id", ["", "..", ".", "a\nb", "x" * 201])
def test_what_would_lead_elsewhere_is_not_asked_for(id: str) -> None:
    server = answering(status(200, b"{}"))
    for call in (server.client.collision, server.client.trip):
        told(lambda call=call: call(DRIVER, id), InvalidRequest)  # type: ignore[misc]  # no lambda
        told(lambda call=call: call(id, "17"), InvalidRequest)  # type: ignore[misc]  # as above
    assert server.requests == []


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("code", "kind"), [(400, NotValid), (403, Forbidden), (404, NotFound), (409, ProviderRefused)]
)
def test_a_refusal_tells_the_reason_and_nobody_s_name(
    call: Call, code: int, kind: type[ProviderRefused]
) -> None:
    said = (
        f"{DRIVER} of {KEY} at {LATITUDE}, {LONGITUDE} (1700936581325)"
        f" is too old for {HOOK} and {TOKEN}"
    )
    server = answering(error(code, said))

    with pytest.raises(kind) as caught:
        call(server.client)

    text = str(caught.value)
    assert text.startswith(f"Zendrive answered {code} to ")
    assert "is too old for" in text
    assert DRIVER not in text
    assert KEY not in text
    assert len(server.requests) == 1
    assert "1700936581325" not in text
    if call is ask:
        told(lambda: call(server.client), kind)


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'{"error": {"a": 1}}', b"\xff", b"[" * 100_000]
)
def test_a_refusal_without_a_reason_tells_its_status(content: bytes) -> None:
    server = answering(status(404, content))
    assert told(lambda: read_trip(server.client), NotFound) == "Zendrive answered 404 to trip"


def test_a_long_reason_is_cut() -> None:
    server = answering(error(400, "because " * 1000))
    assert len(told(lambda: ask(server.client), NotValid)) < 400


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_key_is_told_as_one(call: Call) -> None:
    server = answering(error(401, f"no such key: {KEY}"))
    assert told(lambda: call(server.client), KeyRefused).endswith(": is api_key right?")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        status(429),
        status(500),
        status(503),
        httpx.ReadTimeout(f"{HOOK} {KEY}"),
        httpx.ConnectError(f"{HOOK} {KEY}"),
        httpx.RemoteProtocolError(f"{HOOK} {KEY}"),
    ],
)
def test_what_passes_is_asked_again_and_then_told(call: Call, answer: Answer) -> None:
    server = answering(answer)
    told(lambda: call(server.client), ProviderBusy)
    assert len(server.requests) == Patience().attempts

    good = status(202) if call is ask else status(200, b"{}")
    again = answering(answer, good)
    call(again.client)
    assert len(again.requests) == 2


def test_a_server_says_when_to_come_back() -> None:
    server = answering(status(429, Retry_After="7"), status(202))
    ask(server.client)
    assert server.waits == [7.0]

    far = answering(status(429, Retry_After="3600"))
    with pytest.raises(ProviderBusy) as caught:
        ask(far.client)
    assert (caught.value.retry_after_seconds, far.waits) == (3600.0, [])


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'"text"', b'{"a": ', b"[" * 100_000])
def test_what_is_no_object_is_asked_for_again(content: bytes) -> None:
    """By the caller: the provider answered, in a way that nobody understands."""
    server = answering(status(200, content))
    text = told(lambda: read_collision(server.client), ProviderBusy)
    assert text == "Zendrive answered no JSON object to collision"


def test_a_redirect_is_not_followed_with_the_key() -> None:
    server = answering(status(302, Location="https://elsewhere.example/"))
    told(lambda: read_trip(server.client), ProviderRefused)
    assert [one.url.host for one in server.requests] == ["zendrive.example"]


def fields(**more: str) -> dict[str, SecretStr]:
    return {name: SecretStr(text) for name, text in {"api_key": KEY, **more}.items()}


def test_the_secret_s_own_address_wins() -> None:
    server = answering(status(202))
    own = fields(base_url="http://127.0.0.1:9/zendrive/")
    for given in (fields(), own):
        client.connect(given, base_url=BASE_URL, client=server.http).ask_collision(
            DRIVER, DAY, HOOK
        )
    assert [str(one.url) for one in server.requests] == [
        f"{BASE_URL}/v1/collision_detail",
        "http://127.0.0.1:9/zendrive/v1/collision_detail",
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"base_url": "zendrive.example"},
        {"base_url": "ftp://zendrive.example"},
        {"base_url": "https://"},
        {"base_url": "https://zendrive.example:port"},
        {"base_url": f"https://zendrive.example/?key={KEY}"},
        {"api_key": "kéy"},
        {"api_key": "a\nb"},
    ],
)
def test_fields_that_nobody_can_use_are_refused_at_once(given: dict[str, str]) -> None:
    assert told(lambda: client.connect(fields(**given), base_url=BASE_URL), MissingSetting)


def tried(server: Server) -> list[str]:
    patience = Patience(attempts=1)
    return trial.tried(fields(), base_url=BASE_URL, client=server.http, patience=patience)


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (error(404, "driver_id is not valid"), "answered 404"),
        (error(400, "trip_id 0 is not valid"), "answered 400"),
        (status(200, b"{}"), "it answered a read"),
    ],
)
def test_a_trial_reads_a_trip_that_nobody_made(answer: Answer, seen: str) -> None:
    server = answering(answer)
    [said] = tried(server)
    [request] = server.requests
    assert request.method == "GET"
    assert request.url.path == "/v4/driver/telematics-lake-trial/trip/0"
    assert seen in said
    assert "takes the key" in said


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(401), KeyRefused),
        (status(403), Forbidden),
        (status(405), ProviderRefused),
        (status(503), ProviderBusy),
        (httpx.ConnectError("refused"), ProviderBusy),
        (status(200, b"<html>"), ProviderBusy),
    ],
)
def test_a_trial_that_shows_nothing_good_fails(answer: Answer, kind: type[Exception]) -> None:
    assert told(lambda: tried(answering(answer)), kind)


def test_the_simulator_understands_us() -> None:
    simulator = Simulator()
    key = SecretStr(SIMULATED_KEY["Authorization"].partition(" ")[2])
    http = httpx.Client(transport=simulator.transport)
    zendrive = Zendrive(http, base_url="http://simulator.test", api_key=key)
    crash = simulator.control("crash", driver="driver-0001", at=NOON - 3600)
    at = datetime.fromtimestamp(crash["timestamp"], UTC)

    zendrive.ask_collision(
        crash["driver_id"],
        at.date(),
        HOOK,
        at=at,
        latitude=crash["latitude"],
        longitude=crash["longitude"],
    )

    [payload] = simulator.delivered()
    [info] = [one["collision_info"] for one in payload["trip_info"] if one["collision_info"]]
    assert info["g_force"] == crash["g_force"]
    read = zendrive.collision(crash["driver_id"], crash["collision_id"])
    assert b'"collision_information"' in read.body
    trip = zendrive.trip(crash["driver_id"], str(crash["trip_id"]))
    assert b'"speed_profile"' in trip.body
    with pytest.raises(NotFound, match="is not valid"):
        zendrive.trip(crash["driver_id"], "1")
