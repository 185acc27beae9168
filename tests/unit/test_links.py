"""Links lead only where they may: to a listed host, at a public address, and no further."""

import ipaddress
import socket
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics import links
from telematics.errors import (
    DamagedDownload,
    Forbidden,
    NotFound,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from telematics.links import LinkRefused, LinkTooLarge, PinnedTransport, Policy, is_public

PUBLIC, PRIVATE = "93.184.216.34", "10.0.0.7"
HOST = "media.example.com"
LINK = f"https://{HOST}/secret-path/a.mp4?X-Amz-Signature=secret-query"
POLICY = Policy(
    frozenset({HOST, "*.cdn.example", "odd.example.com:8443"}),
    local=frozenset({"127.0.0.1:9100", "[::1]:9100"}),
    largest_bytes=100,
)
VIDEO = {"content-type": "video/mp4"}


@dataclass
class Parts(httpx.SyncByteStream):
    """A body that comes in parts, and may break."""

    parts: Sequence[bytes | Exception]

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            if isinstance(part, Exception):
                raise part
            yield part


@dataclass
class Internet(httpx.BaseTransport):
    """Keeps what was connected to; answers as told."""

    answer: Callable[[httpx.Request], httpx.Response | Exception]
    names: Mapping[str, Sequence[str]] = field(default_factory=lambda: {HOST: [PUBLIC]})
    connected: list[httpx.Request] = field(default_factory=list)
    resolved: list[tuple[str, int]] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.connected.append(request)
        answer = self.answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.resolved.append((host, port))
        if host in self.names:
            return self.names[host]
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            raise OSError(f"no such name {host}") from None

    def client(self, policy: Policy = POLICY) -> httpx.Client:
        transport = PinnedTransport(policy, resolve=self.resolve, inner=self)
        return httpx.Client(transport=transport, follow_redirects=False)

    def read(self, link: str = LINK, policy: Policy = POLICY) -> bytes:
        with links.followed(self.client(policy), policy, link) as found:
            return b"".join(found)


def video(*parts: bytes | Exception, **headers: str) -> httpx.Response:
    spelt = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, headers=VIDEO | spelt, stream=Parts(parts))


def answering(*answers: httpx.Response | Exception) -> Internet:
    left = list(answers)
    return Internet(lambda _: left.pop(0) if len(left) > 1 else left[0])


def moved(location: str, status: int = 302) -> httpx.Response:
    return httpx.Response(status, headers={"location": location})


def told(call: Callable[[], object], error: type[Exception]) -> str:
    """What a log would show of the failure has neither path nor query."""
    with pytest.raises(error) as caught:
        call()
    shown = "".join(traceback.format_exception(caught.value))
    raised = "\n".join(line for line in shown.splitlines() if not line.startswith(" "))
    assert "secret" not in raised
    assert "X-Amz" not in raised
    return str(caught.value)


def test_a_file_comes_byte_for_byte_from_the_address_that_was_looked_at() -> None:
    internet = answering(video(b"abc", b"def", content_length="6"))

    assert internet.read() == b"abcdef"

    [request] = internet.connected
    assert (request.url.host, request.url.port) == (PUBLIC, None)
    assert request.url.raw_path == b"/secret-path/a.mp4?X-Amz-Signature=secret-query"
    assert request.headers["host"] == HOST
    assert request.extensions["sni_hostname"] == HOST
    assert request.headers["accept-encoding"] == "identity"
    assert "authorization" not in request.headers
    assert internet.resolved == [(HOST, 443)]


def test_a_name_that_changes_its_mind_is_asked_once_for_each_connection() -> None:
    answers = iter([[PUBLIC], [PRIVATE]])
    internet = answering(moved("/b"), video(b"never"))
    internet.names = {}

    def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    transport = PinnedTransport(POLICY, resolve=rebinding, inner=internet)
    with httpx.Client(transport=transport) as client:
        text = told(lambda: links.followed(client, POLICY, LINK).__enter__(), LinkRefused)

    assert text == f"{HOST} is at an address that is not public"
    assert [request.url.host for request in internet.connected] == [PUBLIC]


@pytest.mark.parametrize(
    "addresses",
    [[PRIVATE], ["127.0.0.1"], ["169.254.169.254"], [PUBLIC, PRIVATE], ["::1"], ["fd00:ec2::254"]],
)
def test_a_host_at_an_inner_address_is_never_connected_to(addresses: list[str]) -> None:
    internet = answering(video(b"x"))
    internet.names = {HOST: addresses}
    told(internet.read, LinkRefused)
    assert internet.connected == []


@pytest.mark.parametrize(
    "link",
    [
        "",
        "media.example.com/a",
        "//media.example.com/a",
        "ftp://media.example.com/a",
        "file:///etc/passwd",
        "data:video/mp4;base64,AAAA",
        "http://media.example.com/secret",
        "https://media.example.com:8443/secret",
        "https://media.example.com@evil.example/secret",
        "https://secret:secret@media.example.com/a",
        "https://evil.example/secret",
        "https://media.example.com.evil.example/secret",
        "https://evilmedia.example.com/secret",
        "https://cdn.example/secret",
        "https://evilcdn.example/secret",
        "https://odd.example.com/secret",
        "https://127.0.0.1/secret",
        "https://[::1]/secret",
        "https://2130706433/secret",
        "http://127.0.0.1:9101/secret",
        "http://localhost:9100/secret",
        "https://media.example.com:port/secret",
        "https://media.example.com\\@evil.example/secret",
        "https://exa\x00mple.com/secret",
        "https:///secret",
        "https://" + "a" * 70_000 + "/secret",
    ],
)
def test_a_link_that_is_not_on_the_list_is_refused_before_anyone_is_asked(link: str) -> None:
    internet = answering(video(b"x"))
    told(lambda: internet.read(link), LinkRefused)
    assert (internet.connected, internet.resolved) == ([], [])


@pytest.mark.parametrize(
    ("link", "host", "port"),
    [
        ("https://MEDIA.Example.com/a", HOST, 443),
        ("https://media.example.com:443/a", HOST, 443),
        ("https://media.example.com./a", f"{HOST}.", 443),
        ("https://a.cdn.example/a", "a.cdn.example", 443),
        ("https://b.a.cdn.example/a", "b.a.cdn.example", 443),
        ("https://odd.example.com:8443/a", "odd.example.com", 8443),
    ],
)
def test_hosts_are_listed_whole_below_a_name_or_with_a_port(
    link: str, host: str, port: int
) -> None:
    internet = answering(video(b"x"))
    internet.names = {host: [PUBLIC]}
    assert internet.read(link) == b"x"
    assert internet.resolved == [(host, port)]


def test_a_host_in_other_letters_is_listed_as_it_goes_over_the_wire() -> None:
    policy = Policy(frozenset({"xn--exmple-cua.com"}))
    assert policy.checked("https://exämple.com/a").raw_host == b"xn--exmple-cua.com"
    told(lambda: policy.checked("https://example.com/secret"), LinkRefused)


@pytest.mark.parametrize("link", ["http://127.0.0.1:9100/a", "http://[::1]:9100/a"])
def test_what_is_exempt_may_be_local_and_plain(link: str) -> None:
    internet = answering(video(b"abc"))
    assert internet.read(link) == b"abc"
    assert len(internet.connected) == 1


def test_what_is_exempt_does_not_lead_out_of_itself() -> None:
    internet = answering(moved("http://127.0.0.1:9101/secret"), video(b"x"))
    told(lambda: internet.read("http://127.0.0.1:9100/a"), LinkRefused)
    internet = answering(moved(LINK), video(b"x"))
    told(lambda: internet.read("http://127.0.0.1:9100/a"), LinkRefused)
    assert len(internet.connected) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/b?secret=1", f"https://{HOST}/b", "b", f"//{HOST}:443/b"])
def test_a_link_may_lead_on_within_its_host(status: int, location: str) -> None:
    internet = answering(moved(location, status), video(b"abc"))
    assert internet.read() == b"abc"
    assert len(internet.resolved) == 2


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/secret",
        "https://a.cdn.example/secret",  # listed, but another
        f"http://{HOST}/secret",
        f"https://{HOST}:8443/secret",
        "http://169.254.169.254/latest/secret",
        "http://127.0.0.1:9100/secret",
        "file:///etc/passwd",
        "https://[secret",
        f"https://user:secret@{HOST}/a",
    ],
)
def test_a_link_may_lead_nowhere_else(location: str) -> None:
    internet = answering(moved(location), video(b"x"))
    told(internet.read, LinkRefused)
    assert len(internet.connected) == 1


def test_a_link_that_leads_in_circles_is_refused() -> None:
    internet = answering(moved("/secret"))
    assert "in circles" in told(internet.read, LinkRefused)
    assert len(internet.connected) == links.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    ("told_type", "is_fine"),
    [
        ("video/mp4", True),
        ("Video/MP4; codecs=x", True),
        ("image/jpeg", True),
        ("application/octet-stream", True),
        ("binary/octet-stream", True),
        ("text/plain; charset=utf-8", True),
        ("text/html", False),
        ("application/octet-stream-x", False),
        ("application/json", False),
        ("videos/mp4", False),
        ("", False),
    ],
)
def test_only_expected_types_are_read(told_type: str, is_fine: bool) -> None:
    internet = answering(video(b"abc", content_type=told_type))
    if is_fine:
        assert internet.read() == b"abc"
    else:
        told(internet.read, LinkRefused)


def test_what_is_packed_is_not_read() -> None:
    internet = answering(video(b"\x1f\x8b", content_encoding="gzip"))
    told(internet.read, LinkRefused)
    assert len(internet.connected) == 1


def test_what_announces_too_much_is_not_begun() -> None:
    answer = video(AssertionError("nobody reads this"), content_length="101")
    told(answering(answer).read, LinkTooLarge)
    assert answer.is_closed


@pytest.mark.parametrize("announced", [{}, {"content_length": "6"}, {"content_length": "many"}])
def test_what_is_too_much_in_the_end_is_cut_off(announced: dict[str, str]) -> None:
    unread = AssertionError("nobody reads this")
    internet = answering(video(b"x" * 60, b"x" * 41, unread, **announced))
    received: list[bytes] = []

    def read() -> None:
        with links.followed(internet.client(), POLICY, LINK) as found:
            received.extend(found)

    told(read, LinkTooLarge)
    assert received == [b"x" * 60]


def test_the_largest_is_not_too_large() -> None:
    assert len(answering(video(b"x" * 100, content_length="100")).read()) == 100


def test_what_is_shorter_than_announced_is_damaged() -> None:
    text = told(answering(video(b"abc", content_length="4")).read, DamagedDownload)
    assert text == "behind the link were only 3 bytes"


def test_a_download_that_breaks_off_may_be_tried_again() -> None:
    answer = video(b"abc", httpx.ReadError(f"lost {LINK}"))
    assert "after 3 bytes" in told(answering(answer).read, ProviderBusy)
    assert answer.is_closed


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, Forbidden), (404, NotFound), (410, ProviderRefused), (500, ProviderBusy)],
)
def test_a_status_is_told_by_its_kind_and_the_host(status: int, error: type[ProviderError]) -> None:
    answer = httpx.Response(status, headers=VIDEO, stream=Parts([b"x"]))
    assert told(answering(answer).read, error) == f"the link to {HOST} answered {status}"
    assert answer.is_closed


def test_who_has_no_address_or_does_not_answer_is_busy() -> None:
    unknown = answering(video(b"x"))
    unknown.names = {}
    for internet in (unknown, answering(httpx.ConnectError(LINK))):
        assert HOST in told(internet.read, ProviderBusy)


def test_of_several_addresses_the_next_is_tried() -> None:
    internet = answering(httpx.ConnectError(LINK), video(b"abc"))
    internet.names = {HOST: [PUBLIC, "2606:2800:220:1::1"]}
    assert internet.read() == b"abc"
    assert [request.url.host for request in internet.connected] == [PUBLIC, "2606:2800:220:1::1"]
    assert {request.headers["host"] for request in internet.connected} == {HOST}


def test_what_is_behind_a_link_is_not_shown() -> None:
    internet = answering(video(b"abc", content_length="3"))
    with links.followed(internet.client(), POLICY, LINK) as found:
        assert "secret" not in repr(found)
        assert (found.content_type, found.announced_bytes) == ("video/mp4", 3)


def test_the_real_client_follows_nothing_by_itself_and_knows_no_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    client = links.client(POLICY, resolve=lambda host, port: [PRIVATE])
    assert not client.follow_redirects
    told(lambda: client.get(LINK), LinkRefused)


def test_names_are_resolved_by_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (PUBLIC, port)), (2, 1, 6, "", (PUBLIC, port))]

    monkeypatch.setattr(socket, "getaddrinfo", known)
    assert links.resolve(HOST, 443) == [PUBLIC]


@given(st.lists(st.ip_addresses().map(str), min_size=1, max_size=4))
def test_whatever_a_name_resolves_to_only_public_addresses_are_connected_to(
    addresses: list[str],
) -> None:
    internet = answering(video(b"x"))
    internet.names = {HOST: addresses}
    try:
        assert internet.read() == b"x"
    except LinkRefused:
        assert internet.connected == []
    assert all(is_public(request.url.host) for request in internet.connected)


@given(st.text(max_size=40) | st.from_regex(r"https?://[a-z.@:\[\]0-9/%\\]{1,30}", fullmatch=True))
def test_whatever_a_link_is_it_is_allowed_or_refused(link: str) -> None:
    try:
        url = POLICY.checked(link)
    except LinkRefused:
        return
    assert url.host.rstrip(".").endswith(
        (HOST, ".cdn.example", "odd.example.com", "127.0.0.1", "::1")
    )
