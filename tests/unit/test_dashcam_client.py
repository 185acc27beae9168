"""VisionMax's API as documented, and every way in which it may refuse or be busy."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import httpx
import pytest

from telematics.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from telematics.providers.dashcam.client import Dashcam
from telematics.providers.dashcam.outcomes import CameraState, TaskState
from tests.unit.dashcam_server import (
    EVENT,
    KEY,
    REQUEST,
    Answer,
    answering,
    ok,
    payload,
    status,
    told,
    told_as,
)

MARCH_5, MARCH_6 = datetime(2024, 3, 5, tzinfo=UTC), datetime(2024, 3, 6, tzinfo=UTC)
MOMENT = datetime(2024, 3, 5, 7, 12, 30, 900_000, UTC)

CALLS: dict[str, tuple[bytes, Callable[[Dashcam], object]]] = {
    "safety_report": (
        payload("safety_report"),
        lambda api: api.safety_report(date(2024, 3, 5), date(2024, 3, 6)),
    ),
    "events": (payload("events"), lambda api: api.events(MARCH_5, MARCH_6)),
    "event": (payload("event"), lambda api: api.event(EVENT)),
    "assets": (payload("assets"), lambda api: api.assets(EVENT)),
    "manual_uploads": (payload("manual_uploads"), lambda api: api.manual_uploads()),
    "clip": (
        payload("clip"),
        lambda api: api.request_clip("cid-0001", "C_F", MOMENT, file_name="claim.mp4"),
    ),
    "task": (payload("task_success"), lambda api: api.task("task-77")),
    "discard": (b"OK", lambda api: api.discard(EVENT)),
}
EVERY_CALL = pytest.mark.parametrize("name", CALLS)
REPEATABLE = [name for name in CALLS if name != "clip"]
READ = [name for name in REPEATABLE if name != "discard"]


def query(request: httpx.Request) -> dict[str, str]:
    return dict(request.url.params)


@EVERY_CALL
def test_every_call_has_key_and_token(name: str) -> None:
    good, call = CALLS[name]
    server = answering(ok(good))

    call(server.client())

    [request] = server.requests
    assert request.headers["x-api-key"] == KEY
    assert request.headers["authorization"] == "Bearer token-of-login-1"
    assert str(request.url).startswith("https://visionmax.example/V2/")


def test_events_are_asked_for_oldest_first_in_large_pages() -> None:
    server = answering(ok(payload("events")))

    listing = server.client().events(MARCH_5, MARCH_6)

    assert server.paths == ["GET /V2/events"]
    assert query(server.requests[0]) == {
        "since": "1709596800",
        "until": "1709683200",
        "sort": "time",
        "order": "ASC",
        "offset": "0",
        "limit": "200",
    }
    [first, second] = listing.elements
    assert (first.about.uuid, first.about.timestamp) == (EVENT, 1709622750)
    assert (first.about.device, first.about.driver) == ("cid-0001", "17")
    assert (second.about.driver, second.about.day) == (None, date(2024, 3, 5))
    assert [one.body for one in listing.answers] == [payload("events")]
    assert listing.answers[0].request_id == REQUEST


def test_the_end_of_a_period_is_not_cut_off() -> None:
    server = answering(ok(payload("events")))
    server.client().events(MOMENT, MOMENT)
    assert query(server.requests[0])["since"] == "1709622750"
    assert query(server.requests[0])["until"] == "1709622751"


def test_elements_that_name_no_event_are_kept_and_reported() -> None:
    server = answering(ok(payload("events_with_one_that_says_nothing")))

    listing = server.client().events(MARCH_5, MARCH_6)

    assert len(listing.elements) == 2
    [other] = listing.unidentified
    assert json.loads(other)["name"] == "Start Up"
    assert listing.lacking == 0


def test_a_report_is_of_whole_days_of_its_time_zone() -> None:
    server = answering(ok(payload("safety_report")))

    server.client().safety_report(date(2024, 3, 30), date(2024, 3, 31), "Europe/Vienna")

    assert server.paths == ["GET /V2/analytics/safety"]
    asked = query(server.requests[0])
    assert asked == {"since": "1711753200", "until": "1711922399", "tz": "Europe/Vienna"}
    # The night in which clocks go forward is an hour shorter.
    assert int(asked["until"]) - int(asked["since"]) + 1 == 47 * 3600


def test_single_events_and_assets_are_asked_for_by_uuid() -> None:
    server = answering(ok(payload("event")), ok(payload("assets")))
    api = server.client()

    detail, assets = api.event(EVENT), api.assets(EVENT)

    assert server.paths == [f"GET /V2/event/{EVENT}", f"GET /V2/event/{EVENT}/assets"]
    assert [one.about.uuid for one in detail.elements] == [EVENT]
    assert assets.body == payload("assets")
    assert json.loads(assets.data)["device_name"] == "Van 3"


@pytest.mark.parametrize(("time_lapse", "asked"), [(None, None), (True, "true"), (False, "false")])
def test_uploads_may_be_filtered_by_time_lapse(time_lapse: bool | None, asked: str | None) -> None:
    server = answering(ok(payload("manual_uploads")))

    listing = server.client().manual_uploads(time_lapse=time_lapse)

    assert server.paths == ["GET /V2/event/manual"]
    assert query(server.requests[0]).get("time_lapse") == asked
    assert len(listing.elements) == 2


def test_a_clip_is_requested_as_documented() -> None:
    server = answering(ok(payload("clip")))

    task = server.client().request_clip(
        "cid/1", "ALL", MOMENT, duration=45, file_name="claim 1.mp4", single_event=False
    )

    assert task == "task-77"
    assert server.requests[0].url.raw_path == b"/V2/event/upload/cid%2F1"
    assert json.loads(server.requests[0].content) == {
        "cam_id": "ALL",
        "file_name": "claim 1.mp4",
        "target_timestamp": 1709622750,
        "single_event": False,
        "duration_in_seconds": 45,
    }


def test_the_result_of_a_task_is_read() -> None:
    task = answering(ok(payload("task_partial_success"))).client().task("task-77")

    assert task.state is TaskState.PARTIAL_SUCCESS
    assert (task.code, task.reported_at) == ("D_S00000", 1709622900)
    assert task.cameras == (("C_F", CameraState.UPLOADED), ("C_I", CameraState.NOT_FOUND))
    [video] = task.videos
    assert (video.camera, video.bytes) == ("C_F", 10485760)
    assert video.url.get_secret_value().startswith("https://media.example/")
    assert "media.example" not in repr(task)


def test_an_event_is_discarded_whatever_success_looks_like() -> None:
    for answer in (b"OK", b"", b"{}", payload("event")):
        server = answering(ok(answer))
        server.client().discard(EVENT)
        assert server.paths == [f"POST /V2/event/{EVENT}/discard"]

    told(lambda: answering(ok(payload("refused"))).client().discard(EVENT), ProviderRefused)


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.event(""),
        lambda api: api.event(".."),
        lambda api: api.assets("a\nb"),
        lambda api: api.task(" "),
        lambda api: api.events(MARCH_6, MARCH_5),
        lambda api: api.events(datetime(2024, 3, 5), MARCH_6),  # noqa: DTZ001
        lambda api: api.events(datetime(1960, 1, 1, tzinfo=UTC), MARCH_6),
        lambda api: api.safety_report(date(2024, 3, 6), date(2024, 3, 5)),
        lambda api: api.safety_report(date(2024, 3, 5), date(2024, 3, 5), "../Vienna"),
        lambda api: api.safety_report(date(2024, 3, 5), date(2024, 3, 5), "Nowhere/City"),
        lambda api: api.request_clip("cid", "", MOMENT, file_name="a"),
        lambda api: api.request_clip("cid", "C F", MOMENT, file_name="a"),
        lambda api: api.request_clip("cid", "C_F", MOMENT, file_name=""),
        lambda api: api.request_clip("cid", "C_F", MOMENT, file_name="../a"),
        lambda api: api.request_clip("cid", "C_F", MOMENT, file_name="a\\b"),
        lambda api: api.request_clip("cid", "C_F", MOMENT, file_name="a", duration=0),
        lambda api: api.request_clip("cid", "C_F", MOMENT, file_name="a", duration=86_401),
        lambda api: api.request_clip("cid", "C_F", datetime(2040, 1, 1, tzinfo=UTC), file_name="a"),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_is_sent(
    call: Callable[[Dashcam], object],
) -> None:
    server = answering(ok(payload("events")))

    told(lambda: call(server.client()), InvalidRequest)

    assert server.requests == []


@EVERY_CALL
@pytest.mark.parametrize(
    ("code", "error"),
    [(400, ProviderRefused), (404, NotFound), (409, ProviderRefused), (302, ProviderRefused)],
)
def test_a_refusal_is_not_asked_again_and_names_status_code_and_request(
    name: str, code: int, error: type[ProviderError]
) -> None:
    server = answering(status(code))

    text = told(lambda: CALLS[name][1](server.client()), error)

    assert text == f"MiTAC VisionMax answered {code} to {name} (code E10234, request {REQUEST})"
    assert len(server.requests) == 1


@EVERY_CALL
def test_an_envelope_without_success_is_a_refusal(name: str) -> None:
    for answer in (
        payload("refused"),
        told_as("event", result=False),
        told_as("event", code="S00001"),
        told_as("event", result="true"),
        told_as("event", code=None),
    ):
        server = answering(ok(answer))
        text = told(lambda: CALLS[name][1](server.client()), ProviderRefused)  # noqa: B023
        assert text.startswith(f"MiTAC VisionMax answered 200 to {name}")
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("code", [201, 202, 204])
def test_no_other_status_is_success(name: str, code: int) -> None:
    answer = httpx.Response(code, content=CALLS[name][0])
    text = told(lambda: CALLS[name][1](answering(answer).client()), ProviderRefused)
    assert f"answered {code}" in text


@pytest.mark.parametrize(
    "members",
    [
        {"code": "Dana Driver", "uq": "Dana Driver"},
        {"code": {"Dana": 1}, "uq": ["Dana"]},
        {"code": "E1 47.0707", "uq": "47.0707"},
    ],
)
def test_what_looks_like_no_code_or_id_is_not_repeated(members: dict[str, object]) -> None:
    answer = httpx.Response(400, content=told_as("refused", **members))

    text = told(lambda: answering(answer).client().event(EVENT), ProviderRefused)

    assert text == "MiTAC VisionMax answered 400 to event"


@pytest.mark.parametrize("name", REPEATABLE)
@pytest.mark.parametrize(
    "passing",
    [
        status(500),
        status(429),
        httpx.ReadTimeout(f"timed out with {KEY}"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("broken"),
    ],
)
def test_what_passes_is_asked_again_with_growing_waits(name: str, passing: Answer) -> None:
    good, call = CALLS[name]
    server = answering(passing, passing, ok(good))

    call(server.client())

    assert server.waits == [0.5, 1.0]
    assert len({request.url for request in server.requests}) == 1


@pytest.mark.parametrize("passing", [status(429), status(503)])
def test_a_clip_is_requested_again_where_it_was_not_begun(passing: Answer) -> None:
    good, call = CALLS["clip"]
    server = answering(passing, ok(good))
    call(server.client())
    assert server.waits == [0.5]


@pytest.mark.parametrize(
    "unclear",
    [
        status(500),
        status(504),
        httpx.ReadTimeout("late"),
        ok(b"<html>"),
        ok(told_as("clip", data={})),
    ],
)
def test_a_clip_is_not_requested_twice_where_it_may_have_been_taken(unclear: Answer) -> None:
    server = answering(unclear)

    told(lambda: CALLS["clip"][1](server.client()), ProviderBusy)

    assert len(server.requests) == 1


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("senseless", [b"", b"null", b"<html>", b"[{", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_object_is_asked_for_again(name: str, senseless: bytes) -> None:
    good, call = CALLS[name]
    server = answering(ok(senseless), ok(good))
    call(server.client())
    assert server.waits == [0.5]

    told(lambda: call(answering(ok(senseless)).client()), ProviderBusy)


@pytest.mark.parametrize(
    ("name", "data"), [("events", {}), ("event", "x"), ("assets", []), ("task", None)]
)
def test_data_of_another_shape_is_not_understood(name: str, data: object) -> None:
    answer = ok(told_as("event", data=data))
    text = told(lambda: CALLS[name][1](answering(answer).client()), ProviderBusy)
    assert text.startswith(f"MiTAC VisionMax's answer to {name} is not")


def test_a_list_of_nothing_may_be_null() -> None:
    assert answering(ok(told_as("event", data=None))).client().event(EVENT).elements == ()


def test_retry_after_is_obeyed_and_one_that_is_too_long_left_to_the_caller() -> None:
    server = answering(status(429, retry_after="7"), ok(payload("event")))
    server.client().event(EVENT)
    assert server.waits == [7.0]

    with pytest.raises(ProviderBusy) as caught:
        answering(status(503, retry_after="3600")).client().event(EVENT)
    assert caught.value.retry_after_seconds == 3600


def test_a_code_that_passes_may_be_configured() -> None:
    server = answering(ok(payload("refused")), ok(payload("event")))
    server.client(codes='{"busy": "E1,E10234"}').event(EVENT)
    assert server.waits == [0.5]


def test_who_is_forbidden_something_is_told_so() -> None:
    server = answering(status(403))
    assert "403" in told(lambda: server.client().event(EVENT), Forbidden)
    assert len(server.requests) == 2


def test_what_came_is_not_shown_and_neither_are_keys() -> None:
    api = answering(ok(payload("events"))).client()
    listing = api.events(MARCH_5, MARCH_6)

    for shown in (repr(listing), repr(vars(api)), repr(vars(api._session))):
        assert all(secret not in shown for secret in (KEY, "Dana", "token-of", "media.example"))
