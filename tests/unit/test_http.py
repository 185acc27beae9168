"""What a status means, and clients that never wait for ever."""

import httpx
import pytest

from telematics import http
from telematics.errors import Forbidden, NotFound, ProviderBusy, ProviderError, ProviderRefused


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, ProviderRefused),
        (400, ProviderRefused),
        (401, ProviderRefused),
        (403, Forbidden),
        (404, NotFound),
        (409, ProviderRefused),
        (408, ProviderBusy),
        (425, ProviderBusy),
        (429, ProviderBusy),
        (500, ProviderBusy),
        (503, ProviderBusy),
    ],
)
def test_a_status_is_told_by_its_kind(status: int, error: type[ProviderError]) -> None:
    with pytest.raises(ProviderError) as caught:
        http.check(httpx.Response(status, text="driver-17"), who="Somebody")

    assert type(caught.value) is error
    assert str(caught.value) == f"Somebody answered {status}"


def test_who_is_forbidden_or_not_found_was_refused() -> None:
    assert issubclass(Forbidden, ProviderRefused)
    assert issubclass(NotFound, ProviderRefused)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_none_of_them(status: int) -> None:
    response = httpx.Response(status)
    http.check(response, who="Somebody")
    assert response.is_success


def test_whoever_waits_for_us_gets_an_answer_of_two_attempts_in_time() -> None:
    timeout = http.prompt().timeout
    assert timeout.connect is not None
    assert timeout.read is not None
    assert 2 * (timeout.connect + timeout.read) <= 30
    assert not http.prompt().follow_redirects
