"""Links that others give us, followed only to where they may lead.

A link is followed over https, to a host on a list, at an address on the open internet: the one that
was looked at is the one that is connected to, so that a name can't change its mind between. It may
lead on within its host. What comes is of an expected type, and no longer than is allowed. Texts of
refusals never hold a path or a query: links are keys.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import TypeAlias

import httpx

from telematics import http
from telematics.errors import DamagedDownload, ProviderBusy, ProviderError, ProviderRefused

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]

MEDIA_TYPES = (
    *("video/", "image/", "audio/"),
    *("application/octet-stream", "binary/octet-stream", "text/plain"),
)
LARGEST_BYTES = 5 << 30
MOST_REDIRECTS = 5
_NAME = re.compile(r"[a-z0-9.:-]{1,253}")
_GLOBAL = IPv6Network("2000::/3")
# Ways into IPv4 that hide where they lead.
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
# For documents only, which the standard library does not know yet.
_EXAMPLES = IPv6Network("3fff::/20")


class LinkRefused(ProviderRefused):
    """The link leads where none may lead, or what is there is not what is expected."""


class LinkTooLarge(LinkRefused):
    """There is more behind it than is allowed."""


@dataclass(frozen=True)
class Policy:
    """`hosts` are names, or `*.name` for all below one, each with `:port` where it is not 443.

    `local` names what is exempt, as host:port: there, plain http and any address will do.
    """

    hosts: frozenset[str]
    local: frozenset[str] = frozenset()
    types: Sequence[str] = MEDIA_TYPES
    largest_bytes: int = LARGEST_BYTES

    def checked(self, link: str) -> httpx.URL:
        """Where it leads, if it may lead there. Raises LinkRefused."""
        try:
            url = httpx.URL(link)
        except (httpx.InvalidURL, ValueError):  # its text would show the link
            raise LinkRefused("the link can't be read") from None
        if url.scheme not in ("http", "https") or not url.raw_host:
            raise LinkRefused("the link is not one of https")
        if url.userinfo:
            raise LinkRefused(f"the link to {_shown(url)} has a name and a password")
        if self.is_local(url):
            return url
        if url.scheme != "https":
            raise LinkRefused(f"the link to {_shown(url)} is not encrypted")
        if not self._is_listed(url):
            raise LinkRefused(f"links to {_shown(url)}, port {_port(url)}, are not allowed")
        return url

    def is_local(self, url: httpx.URL) -> bool:
        return _place(url) in self.local

    def check_type(self, told: str) -> None:
        kind = told.split(";")[0].strip().lower()
        if not any(
            kind == one or (one.endswith("/") and kind.startswith(one)) for one in self.types
        ):
            raise LinkRefused("behind the link is another type of file than expected")

    def check_size(self, size: int) -> None:
        if size > self.largest_bytes:
            raise LinkTooLarge(f"behind the link is more than {self.largest_bytes} bytes")

    def _is_listed(self, url: httpx.URL) -> bool:
        host, suffix = _host(url).rstrip("."), "" if _port(url) == 443 else f":{_port(url)}"
        above = (f"*.{host.split('.', dots)[-1]}" for dots in range(1, host.count(".") + 1))
        return any(f"{name}{suffix}" in self.hosts for name in (host, *above))


def is_public(text: str) -> bool:
    """Whether it is an address of the open internet, and no way to one that isn't."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return _is_open(address.ipv4_mapped)
        is_hidden = any(address in one for one in (*_TUNNELS, _EXAMPLES))
        if address not in _GLOBAL or is_hidden or address.scope_id:
            return False
    return _is_open(address)


def _is_open(address: IPv4Address | IPv6Address) -> bool:
    is_special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    return address.is_global and not is_special


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class PinnedTransport(httpx.BaseTransport):
    """Connects to the addresses that were looked at; names only go into TLS and the Host header.

    Connections are not kept: one that was made for a name must not serve another at its address.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        resolve: Resolve = resolve,
        inner: httpx.BaseTransport | None = None,
    ) -> None:
        unkept = httpx.Limits(max_keepalive_connections=0)
        self._inner = inner or httpx.HTTPTransport(limits=unkept)
        self._policy = policy
        self._resolve = resolve

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises LinkRefused, or httpx.ConnectError if nobody is there."""
        url = self._policy.checked(str(request.url))
        failure: httpx.TransportError = httpx.ConnectError("no address")
        for address in self._addresses(url):
            try:
                return self._inner.handle_request(_pinned(request, url, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    def close(self) -> None:
        self._inner.close()

    def _addresses(self, url: httpx.URL) -> Sequence[str]:
        try:
            found = self._resolve(_host(url), _port(url))
        except (OSError, UnicodeError):
            raise httpx.ConnectError("the name has no address") from None
        if not self._policy.is_local(url) and not all(is_public(one) for one in found):
            raise LinkRefused(f"{_shown(url)} is at an address that is not public")
        return found


def _pinned(request: httpx.Request, url: httpx.URL, address: str) -> httpx.Request:
    return httpx.Request(
        request.method,
        url.copy_with(host=address),
        headers=request.headers,  # Host is among them, as it was asked for
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": _host(url)},
    )


def client(policy: Policy, *, resolve: Resolve = resolve) -> httpx.Client:
    """For links only: it carries no key, and knows no proxy."""
    http.downloads()  # which keeps links out of the log
    return httpx.Client(
        transport=PinnedTransport(policy, resolve=resolve),
        timeout=http.DOWNLOAD_TIMEOUT,
        headers=http.AGENT,
        follow_redirects=False,
        trust_env=False,
    )


@dataclass(frozen=True)
class Followed:
    """What is behind a link, while it comes."""

    response: httpx.Response = field(repr=False)
    policy: Policy

    @property
    def content_type(self) -> str:
        return str(self.response.headers.get("content-type", ""))

    @property
    def announced_bytes(self) -> int | None:
        told = self.response.headers.get("content-length", "")
        return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None

    def __iter__(self) -> Iterator[bytes]:
        """The exact bytes. Raises LinkTooLarge as soon as there is one too many."""
        size = 0
        try:
            for part in self.response.iter_raw():
                size += len(part)
                self.policy.check_size(size)
                yield part
        except httpx.RequestError as error:
            kind = type(error).__name__
            raise ProviderBusy(f"the download broke off after {size} bytes ({kind})") from None
        if size < (self.announced_bytes or 0):
            raise DamagedDownload(f"behind the link were only {size} bytes")


@contextmanager
def followed(client: httpx.Client, policy: Policy, link: str) -> Iterator[Followed]:
    """The file behind a link, to be read within. Raises LinkRefused or another ProviderError."""
    response = _arrived(client, policy, link)
    try:
        found = Followed(response, policy)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise LinkRefused("behind the link is something packed, which nobody asked for")
        policy.check_type(found.content_type)
        policy.check_size(found.announced_bytes or 0)
        yield found
    finally:
        response.close()


def _arrived(client: httpx.Client, policy: Policy, link: str) -> httpx.Response:
    url = start = policy.checked(link)
    for _ in range(MOST_REDIRECTS + 1):
        request = client.build_request("GET", url, headers={"Accept-Encoding": "identity"})
        response = http.send(client, request, stream=True)
        if not response.is_redirect:
            return _good(response, url)
        response.close()
        url = policy.checked(_target(url, response))
        if _origin(url) != _origin(start):
            raise LinkRefused(f"the link to {_shown(start)} leads somewhere else")
    raise LinkRefused(f"the link to {_shown(start)} leads in circles")


def _good(response: httpx.Response, url: httpx.URL) -> httpx.Response:
    try:
        http.check(response, who=f"the link to {_shown(url)}")
    except ProviderError:
        response.close()
        raise
    return response


def _target(url: httpx.URL, response: httpx.Response) -> str:
    try:
        return str(url.join(response.headers["location"]))
    except (httpx.InvalidURL, ValueError):
        raise LinkRefused(f"the link to {_shown(url)} leads nowhere") from None


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, _host(url), _port(url)


def _host(url: httpx.URL) -> str:
    """As it goes over the wire: a name in other letters is spelt xn--."""
    return url.raw_host.decode("ascii").lower()


def _shown(url: httpx.URL) -> str:
    """The host, if it is a name; whatever else may stand there is others' to write."""
    host = _host(url)
    return host if _NAME.fullmatch(host) else "a host without a name"


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _place(url: httpx.URL) -> str:
    host = _host(url)
    return f"[{host}]:{_port(url)}" if ":" in host else f"{host}:{_port(url)}"
