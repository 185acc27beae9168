"""Sentiance's API as documented, and every way in which it may refuse or be busy."""

import json
import logging
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import httpx
import pytest
from pydantic import SecretStr

from telematics import http
from telematics.errors import ProviderBusy, ProviderRefused
from telematics.http import Patience
from telematics.providers.sentiance.client import File, Sentiance

JUNE_4 = date(2023, 6, 4)
READ_KEY, URL_KEY = "id1.read-secret", "id2.url-secret"
LINK = "https://bucket.s3.eu-west-1.amazonaws.com/app/2023-06-04_0/t.csv.gz?X-Amz-Signature=abc"
FILE = {"format": "csv.gz", "link": None, "name": "transports", "size": 20434}
TRANSPORTS = {"day": "2023-06-04", "type": "OFFLOAD_TYPE_TRANSPORTS", "files": [FILE]}
LISTED = {"data": {"offloads": [TRANSPORTS]}}

Answer = httpx.Response | Exception


class Server:
    """Answers from a list, the last one for ever; keeps the requests and the waits between."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def client(self) -> Sentiance:
        return Sentiance(
            httpx.Client(transport=httpx.MockTransport(self)),
            base_url="https://api.example/",
            read_key=SecretStr(READ_KEY),
            url_key=SecretStr(URL_KEY),
            patience=Patience(sleep=self.waits.append, jitter=lambda: 1.0),
        )

    def asked(self) -> str:
        """The last query."""
        return str(json.loads(self.requests[-1].content)["query"])


def ok(body: object) -> httpx.Response:
    return httpx.Response(200, json=body)


def status(code: int, **headers: str) -> httpx.Response:
    return httpx.Response(code, headers={name.replace("_", "-"): headers[name] for name in headers})


def linked(url: str | None = LINK) -> httpx.Response:
    link = {"expires_at": "2023-06-27T11:32:29Z", "url": url} if url else None
    made = {**TRANSPORTS, "files": [{**FILE, "link": link}]}
    return ok({"data": {"generate_offload_url": {"offload": made}}})


def first(files: Sequence[File]) -> File:
    return files[0]


def listing(server: Server) -> list[str]:
    offloads = server.client.offloads(first=JUNE_4, last=JUNE_4).offloads
    return [one.dataset for one in offloads]


def make_link(server: Server) -> File:
    return server.client.linked(JUNE_4, "OFFLOAD_TYPE_TRANSPORTS", first)


def told(call: Callable[[], object], error: type[Exception]) -> str:
    """What a log would show of the failure, causes included."""
    with pytest.raises(error) as caught:
        call()
    shown = "".join(traceback.format_exception(caught.value))
    for secret in (READ_KEY, URL_KEY, "Signature=abc"):
        assert secret not in shown
    return str(caught.value)


def test_the_list_is_asked_for_as_documented() -> None:
    server = Server(ok(LISTED))

    found = server.client.offloads(first=JUNE_4, last=date(2023, 6, 30))

    [request] = server.requests
    assert (request.method, str(request.url)) == ("POST", "https://api.example/v4/gql")
    assert request.headers["authorization"] == f"Bearer {READ_KEY}"
    assert 'offloads(from: "2023-06-04", to: "2023-06-30")' in server.asked()
    assert " ".join(server.asked().split()).endswith(
        "{ day type files { format link { expires_at url } name size } } }"
    )
    [offload] = found.offloads
    assert (offload.day, offload.dataset, offload.files[0].size) == (JUNE_4, "transports", 20434)


def test_a_link_is_made_with_the_other_key_and_never_shown() -> None:
    server = Server(linked())

    file = make_link(server)

    assert server.requests[0].headers["authorization"] == f"Bearer {URL_KEY}"
    wanted = 'generate_offload_url(day: "2023-06-04", offload_type: OFFLOAD_TYPE_TRANSPORTS)'
    assert wanted in server.asked()
    assert file.url == LINK
    assert LINK not in repr(file)


def test_a_type_that_is_no_name_never_reaches_a_query() -> None:
    server = Server(linked())

    with pytest.raises(ValueError, match="not the name of a type"):
        server.client.linked(JUNE_4, 'X) { evil } #"', first)

    assert server.requests == []


def test_unknown_types_formats_and_fields_are_welcome() -> None:
    new = {"day": "2023-06-04", "type": "HOVERCRAFT_V2", "color": "red"}
    file = {"name": "hover craft", "format": "parquet.zst", "size": 1, "sha1": "x"}
    server = Server(ok({"data": {"offloads": [{**new, "files": [file]}]}}))

    assert listing(server) == ["hovercraft_v2"]


@pytest.mark.parametrize(
    "senseless",
    [
        None,
        "text",
        {**TRANSPORTS, "day": "2023-02-30"},
        {**TRANSPORTS, "day": 1},
        {**TRANSPORTS, "type": "OFFLOAD_TYPE_"},
        {**TRANSPORTS, "type": "../secret"},
        {**TRANSPORTS, "files": None},
        {**TRANSPORTS, "files": [{"format": "csv.gz", "size": 1}]},
        {**TRANSPORTS, "files": [{"name": "x", "format": "../x", "size": 1}]},
        {**TRANSPORTS, "files": [{"name": "x", "format": "csv.gz", "size": -1}]},
    ],
)
def test_an_item_that_makes_no_sense_is_counted_and_spoils_no_other(senseless: object) -> None:
    server = Server(ok({"data": {"offloads": [senseless, TRANSPORTS]}}))

    found = server.client.offloads(first=JUNE_4, last=JUNE_4)

    assert found.senseless == 1
    assert sum(len(one.files) for one in found.offloads) == 1


def test_no_offloads_at_all_are_an_empty_list() -> None:
    assert listing(Server(ok({"data": {"offloads": []}}))) == []
    assert listing(Server(ok({"data": {"offloads": None}}))) == []


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"message": "Unknown day"}]},
        {"error": {"message": "Unknown day"}},
        {"error": "Unknown day"},
        {"data": {"offloads": [TRANSPORTS]}, "errors": [{"message": "Unknown day"}]},
    ],
)
def test_errors_in_an_answer_of_200_are_a_refusal_even_beside_data(body: object) -> None:
    server = Server(ok(body))

    text = told(lambda: listing(server), ProviderRefused)

    assert text == 'Sentiance refused to list offloads: "Unknown day"'
    assert len(server.requests) == 1


def test_a_missing_scope_names_the_key_and_the_scope() -> None:
    body = {"data": None, "errors": [{"message": f"{READ_KEY} lacks the required scope"}]}
    text = told(lambda: listing(Server(ok(body))), ProviderRefused)
    assert "the read_key needs the scope OFFLOADS_READ" in text
    assert '"<secret> lacks the required scope"' in text

    text = told(lambda: make_link(Server(status(403))), ProviderRefused)
    assert "the url_key needs the scope OFFLOADS_GENERATE_URL" in text
    assert "403" in text


def test_a_key_that_is_not_accepted_may_have_ended() -> None:
    answer = httpx.Response(401, json={"message": "Bearer abc.def is unknown"})

    text = told(lambda: listing(Server(answer)), ProviderRefused)

    assert "is the read_key right, and less than a year old?" in text
    assert "abc.def" not in text


def test_other_refusals_are_not_asked_again() -> None:
    server = Server(httpx.Response(400, json={"errors": [{"message": "syntax error"}]}))

    assert "syntax error" in told(lambda: listing(server), ProviderRefused)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "passing",
    [
        status(500),
        status(503),
        status(429),
        httpx.ReadTimeout(f"timed out at {LINK}"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("broken"),
        httpx.Response(200, text="<html>maintenance</html>"),
        httpx.Response(200, text='["not an object"]'),
        ok({"errors": [{"message": "slow down", "extensions": {"code": "RATE_LIMITED"}}]}),
        ok({"errors": [{"message": "Service temporarily unavailable"}]}),
    ],
)
def test_what_passes_is_asked_again_with_growing_waits(passing: Answer) -> None:
    server = Server(passing, passing, ok(LISTED))

    assert listing(server) == ["transports"]
    assert server.waits == [0.5, 1.0]


def test_patience_ends() -> None:
    server = Server(status(500))

    assert told(lambda: listing(server), ProviderBusy) == "Sentiance answered 500"
    assert len(server.requests) == 5
    assert server.waits == [0.5, 1.0, 2.0, 4.0]


def test_broken_connections_never_show_where_they_went() -> None:
    server = Server(httpx.ReadTimeout(f"timed out at {LINK} with {READ_KEY}"))

    text = told(lambda: listing(server), ProviderBusy)

    assert text == "no answer from api.example: ReadTimeout"


def test_retry_after_is_obeyed() -> None:
    server = Server(status(429, retry_after="7"), ok(LISTED))

    assert listing(server) == ["transports"]
    assert server.waits == [7.0]


def test_a_wait_that_is_too_long_is_left_to_the_caller() -> None:
    server = Server(status(429, retry_after="3600"))

    with pytest.raises(ProviderBusy) as caught:
        listing(server)

    assert caught.value.retry_after_seconds == 3600
    assert server.waits == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Mon, 05 Jun 2023 06:01:30 GMT", 90.0),
        ("Mon, 05 Jun 2023 05:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    now = datetime(2023, 6, 5, 6, 0, tzinfo=UTC)

    assert http.retry_after_seconds(status(503, retry_after=header), now=now) == seconds


def test_a_link_that_is_not_there_yet_is_asked_for_again() -> None:
    server = Server(linked(None), linked(None), linked())

    assert make_link(server).url == LINK
    assert len(server.waits) == 2


@pytest.mark.parametrize(
    "never",
    [
        linked(None),
        ok({"data": {"generate_offload_url": None}}),
        ok({"data": {"generate_offload_url": {"offload": None}}}),
    ],
)
def test_a_link_that_is_never_made_is_a_busy_provider(never: httpx.Response) -> None:
    server = Server(never)

    told(lambda: make_link(server), ProviderBusy)

    assert len(server.requests) == 5


def test_httpx_tells_the_log_no_links(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    http.downloads.cache_clear()
    http.downloads()

    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    httpx.Client(transport=transport).get(LINK)

    assert caplog.text == ""


def test_every_client_has_timeouts_and_follows_nobody() -> None:
    for client in (http.api(), http.downloads()):
        assert None not in client.timeout.as_dict().values()
        assert not client.follow_redirects
