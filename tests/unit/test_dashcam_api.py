"""Where the vendor documents nothing there are defaults, and what is configured instead."""

import pytest

from telematics.errors import InvalidRequest, MissingSetting
from telematics.providers.dashcam.api import CODES, HEADERS, PARAMETERS, ROUTES, Api, Route


def test_without_settings_it_is_the_defaults() -> None:
    api = Api.configured()
    assert (api.routes, api.headers) == (ROUTES, HEADERS)
    assert (api.parameters, api.codes) == (PARAMETERS, CODES)
    assert {name: f"{one.method} {one.path}" for name, one in api.routes.items()} == {
        "login": "POST /V2/auth",
        "switch": "POST /V2/auth/token",
        "safety_report": "GET /V2/analytics/safety",
        "events": "GET /V2/events",
        "event": "GET /V2/event/{uuid}",
        "assets": "GET /V2/event/{uuid}/assets",
        "manual_uploads": "GET /V2/event/manual",
        "clip": "POST /V2/event/upload/{device}",
        "task": "GET /V2/event/taskResult/{task_id}",
        "discard": "POST /V2/event/{uuid}/discard",
    }


@pytest.mark.parametrize(
    ("given", "method", "path"),
    [
        ("/V3/{uuid}", "GET", "/V3/{uuid}"),
        (" PUT  /V3/{uuid}/x ", "PUT", "/V3/{uuid}/x"),
        ("DELETE /V3?uuid={uuid}", "DELETE", "/V3?uuid={uuid}"),
    ],
)
def test_a_path_may_have_a_method_of_its_own(given: str, method: str, path: str) -> None:
    route = Api.configured(paths={"event": given}).routes["event"]
    assert (route.method, route.path) == (method, path)


def test_what_is_not_overridden_stays_and_a_clip_is_never_repeatable() -> None:
    api = Api.configured(paths={"clip": "PUT /V3/{device}/clip"}, headers={"token_prefix": ""})
    assert not api.routes["clip"].repeatable
    assert api.routes["events"] == ROUTES["events"]
    assert api.signed_in("key", "token") == {"x-api-key": "key", "Authorization": "token"}
    assert api.signed_in("key", None) == {"x-api-key": "key"}


@pytest.mark.parametrize(
    "given",
    [
        "V3/{uuid}",
        "https://elsewhere.example/{uuid}",
        "FETCH /V3/{uuid}",
        "get /V3/{uuid}",
        "/V3",
        "/V3/{id}",
        "/V3/{uuid}/{device}",
        "/V3/{uuid.__class__}",
        "/V3/{uuid}/{",
        "/V3/{uuid}#x",
        "/V3/{uuid} x",
        "/V3/\n{uuid}",
        "/V3/ü/{uuid}",
        "",
    ],
)
def test_a_path_that_leads_nowhere_is_refused_by_name(given: str) -> None:
    with pytest.raises(MissingSetting) as caught:
        Api.configured(paths={"event": given})
    assert "path event is not usable" in str(caught.value)


@pytest.mark.parametrize("given", [{"token": "X Token"}, {"api_key": ""}, {"token_prefix": "a\n"}])
def test_a_header_that_cannot_be_one_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(MissingSetting, match="can't stand in a request"):
        Api.configured(headers=given)


def test_a_parameter_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(MissingSetting, match="can't stand in a query"):
        Api.configured(parameters={"time_lapse": "a&b"})


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(MissingSetting) as caught:
        Api.configured(paths={"evnets": "/V2/x"})
    assert str(caught.value).endswith(f"none of: {', '.join(ROUTES)}")


def test_codes_are_told_apart_by_commas() -> None:
    api = Api.configured(codes={"token": "401, E1"})
    assert api.means("token", "401")
    assert api.means("token", "E1")
    assert not api.means("token", "403")
    assert not api.means("busy", "")


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("a", "/e/a/x"),
        ("a/b?c", "/e/a%2Fb%3Fc/x"),
        ("ü", "/e/%C3%BC/x"),
        ("{uuid}", "/e/%7Buuid%7D/x"),
    ],
)
def test_what_is_filled_in_stays_in_its_place(value: str, filled: str) -> None:
    assert Route("GET", "/e/{uuid}/x").filled({"uuid": value}) == filled


@pytest.mark.parametrize("value", ["", ".", "..", " ", "a\x00"])
def test_what_would_lead_elsewhere_is_not_filled_in(value: str) -> None:
    with pytest.raises(InvalidRequest, match="uuid"):
        Route("GET", "/e/{uuid}/x").filled({"uuid": value})
