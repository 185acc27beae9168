"""Sentiance's offloads as files under keys, whatever way they are listed in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from telematics.errors import InvalidRequest, MissingSetting, ProviderRefused
from telematics.http import Patience
from telematics.offloads.sources import Listing, connect
from telematics.providers.sentiance.client import File, Sentiance
from telematics.providers.sentiance.offloads import SentianceOffloads, chosen, parts
from telematics.raw import RawKey

JUNE_3, JUNE_4 = date(2023, 6, 3), date(2023, 6, 4)
KEY = RawKey("sentiance", "transports", JUNE_4, "transports", "csv.gz")
KEYS = {"read_key": SecretStr("a"), "url_key": SecretStr("b")}
PATIENCE = Patience(sleep=lambda _: None)

Json = Mapping[str, Any]  # what a provider may answer has any shape


def file(size: int = 100, name: str = "transports", format: str = "csv.gz") -> File:
    return File(name=name, format=format, size=size)


def offload(*sizes: int, day: str = "2023-06-04", type: str = "OFFLOAD_TYPE_TRANSPORTS") -> Json:
    files = [{"name": "transports", "format": "csv.gz", "size": size} for size in sizes]
    return {"day": day, "type": type, "files": files}


@dataclass
class Server:
    """Lists these offloads; links the files of the first to `link`."""

    offloads: list[Json]
    link: str = "https://bucket/file"
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method == "GET":
            return httpx.Response(200, stream=httpx.ByteStream(b"bytes"))
        if "mutation" not in json.loads(request.content)["query"]:
            return httpx.Response(200, json={"data": {"offloads": self.offloads}})
        linked = [{**one, "link": {"url": self.link}} for one in self.offloads[0]["files"]]
        made = {**self.offloads[0], "files": linked}
        return httpx.Response(200, json={"data": {"generate_offload_url": {"offload": made}}})

    @property
    def source(self) -> SentianceOffloads:
        client = httpx.Client(transport=httpx.MockTransport(self))
        api = Sentiance(client, base_url="https://api.example", patience=PATIENCE, **KEYS)
        return SentianceOffloads(api, client, patience=PATIENCE)

    def listing(self) -> Listing:
        return self.source.list_files(first=JUNE_3, last=JUNE_4)

    def keys(self) -> list[str]:
        return [one.key.file for one in self.listing().files]


def test_a_listed_file_has_a_key_and_says_what_to_ask_for() -> None:
    [listed] = Server([offload(100)]).listing().files

    assert listed.key == KEY
    assert (listed.offload_type, listed.size) == ("OFFLOAD_TYPE_TRANSPORTS", 100)


def test_what_is_listed_twice_is_one() -> None:
    assert Server([offload(100), offload(100)]).keys() == [KEY.file]
    assert Server([offload(100, 100)]).keys() == [KEY.file]


def test_files_of_one_name_and_several_sizes_are_parts() -> None:
    assert Server([offload(100, 200), offload(100, 300)]).keys() == [
        "2023-06-04/transports/transports.csv.gz",
        "2023-06-04/transports/transports-2.csv.gz",
        "2023-06-04/transports/transports-3.csv.gz",
    ]


def test_parts_never_take_the_name_of_another_file() -> None:
    found = parts([file(1, "a"), file(2, "a-2"), file(3, "a"), file(4, "a"), file(5, "a", "csv")])

    assert {identity: one.size for (identity, format), one in found.items() if format != "csv"} == {
        "a": 1,
        "a-2": 2,
        "a-3": 3,
        "a-4": 4,
    }
    assert found["a", "csv"].size == 5


def test_days_that_nobody_asked_for_are_ignored_and_counted() -> None:
    listing = Server([offload(1), offload(1, day="2023-06-05"), {"day": "x"}]).listing()

    assert (len(listing.files), listing.ignored) == (1, 2)


def test_a_part_is_found_again_by_its_size_or_else_by_its_position() -> None:
    first, second = file(100), file(200)
    other = RawKey("sentiance", "transports", JUNE_4, "transports-2", "csv.gz")

    assert chosen([first, second], other, 200) is second
    assert chosen([second, first], other, 200) is second  # in another order
    assert chosen([first, file(250)], other, 200) == file(250)  # republished
    assert chosen([first], other, 200) is None


def test_a_file_is_opened_by_a_fresh_link_without_any_key() -> None:
    server = Server([offload(5)])
    [listed] = server.listing().files

    with server.source.open(listed) as download:
        assert (download.size, b"".join(download)) == (5, b"bytes")

    assert "authorization" not in server.requests[-1].headers


@pytest.mark.parametrize("link", ["http://bucket/x?sig=1", "ftp://x", "x", "https://x:y?sig=1"])
def test_a_link_that_is_not_https_is_refused_and_not_shown(link: str) -> None:
    server = Server([offload(5)], link=link)
    [listed] = server.listing().files

    with pytest.raises(ProviderRefused, match=r"not https$"):
        server.source.open(listed).__enter__()

    assert {one.method for one in server.requests} == {"POST"}


def test_the_secrets_own_base_url_wins() -> None:
    ours = SecretStr("nonsense")

    with pytest.raises(MissingSetting, match="base_url"):
        connect("sentiance", KEYS | {"base_url": ours}, base_url="https://api.example")
    connect("sentiance", KEYS, base_url="https://api.example")


def test_a_provider_without_offloads_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="acme has no offloads; these do: sentiance"):
        connect("acme", KEYS, base_url="https://api.example")
