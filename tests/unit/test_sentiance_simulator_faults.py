"""Faults of the simulator of Sentiance: they strike where, when and as often as they are told."""

import gzip
from datetime import date

import httpx
import pytest
from pydantic import SecretStr

from telematics.http import Patience
from telematics.offloads.sources import ListedFile
from telematics.providers.sentiance.client import Sentiance
from telematics.providers.sentiance.offloads import SentianceOffloads
from tests.sandbox.simulators.sentiance import READ_KEY, SECRET, URL_KEY
from tests.unit.simulated_sentiance import BASE, DAY, LINK, LIST, TRANSPORTS, Json, Simulator


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"fault": "busy"}, 429),
        ({"fault": "broken"}, 500),
        ({"fault": "broken", "status": 503}, 503),
    ],
)
@pytest.mark.parametrize("at", ["list", "link", "download"])
def test_trouble_strikes_where_and_as_often_as_it_is_told(
    simulator: Simulator, fault: Json, status: int, at: str
) -> None:
    url = simulator.url()
    simulator.fault(**fault, at=at, count=2)

    def statuses() -> list[int]:
        listed = simulator.post({"query": LIST % (DAY, DAY)}, key=READ_KEY)
        linked = simulator.post({"query": LINK % (DAY, TRANSPORTS)}, key=URL_KEY)
        return [one.status_code for one in (listed, linked, simulator.http.get(url))]

    expected = [status if at == stage else 200 for stage in ("list", "link", "download")]
    assert [statuses(), statuses(), statuses()] == [expected, expected, [200, 200, 200]]


def test_a_busy_server_says_when_to_come_back(simulator: Simulator) -> None:
    simulator.fault(fault="busy", seconds=7, count=1)
    simulator.fault(fault="busy", seconds=7, date_form=True, count=1)
    answers = [simulator.post({"query": LIST % (DAY, DAY)}, key=READ_KEY) for _ in range(2)]
    told = [answer.headers["retry-after"] for answer in answers]
    assert told == ["7", "Tue, 20 Jun 2023 12:00:07 GMT"]


def test_a_fault_may_be_of_one_type_and_day(simulator: Simulator) -> None:
    simulator.fault(fault="broken", type="badges", day=DAY)
    simulator.fault(fault="broken", type="transports", day="2023-06-05")
    badges = simulator.post({"query": LINK % (DAY, "OFFLOAD_TYPE_BADGES")}, key=URL_KEY)

    assert badges.status_code == 500
    assert simulator.http.get(simulator.url()).status_code == 200
    assert simulator.offloads()


def test_faults_are_told_and_cleared(simulator: Simulator) -> None:
    simulator.fault(fault="busy", count=3)
    simulator.fault(fault="cut")
    faults = simulator.http.get("/_simulator/faults").json()["faults"]
    assert [one["fault"] for one in faults] == ["busy", "cut"]

    left = simulator.http.delete("/_simulator/faults", params={"fault": "busy"}).json()
    assert left == {"faults": [{"fault": "cut", "bytes": 1000}]}
    assert simulator.http.delete("/_simulator/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"fault": "fire"}, "Input should be 'slow'"),
        ({"fault": "cut", "parts": 2}, "cut has no parts"),
        ({"fault": "several_files", "count": 1}, "several_files has no count"),
        ({"fault": "cut", "type": "unicorns"}, "there is no type 'unicorns'"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    simulator: Simulator, fault: Json, reason: str
) -> None:
    answer = simulator.http.post("/_simulator/faults", json=fault)
    assert answer.status_code == 422
    assert reason in answer.json()["message"]


def test_a_link_may_be_null_or_expired_from_birth(simulator: Simulator) -> None:
    simulator.fault(fault="null_link", count=1)
    simulator.fault(fault="expired_link", count=1)
    assert simulator.linked()["link"] is None
    assert simulator.http.get(simulator.url()).status_code == 403
    assert simulator.http.get(simulator.url()).status_code == 200


def test_a_link_may_expire_in_the_middle_of_a_download(simulator: Simulator) -> None:
    simulator.fault(fault="expired_link", bytes=700, count=1)
    url, received = simulator.url(), bytearray()

    with simulator.http.stream("GET", url) as answer, pytest.raises(httpx.RemoteProtocolError):
        _drain(answer, received)
    assert len(received) == 700
    assert simulator.http.get(url).status_code == 403
    assert simulator.http.get(simulator.url()).content[:700] == received


def test_sizes_offloads_and_scopes_may_be_wrong(simulator: Simulator) -> None:
    size = simulator.file()["size"]
    simulator.fault(fault="wrong_size", type="transports", bytes=-9)
    simulator.fault(fault="duplicate_listing", type="transports")
    simulator.fault(fault="unknown_type")
    offloads = simulator.offloads()

    assert simulator.file()["size"] == simulator.linked()["size"] == size - 9
    assert [one["type"] for one in offloads].count(TRANSPORTS) == 2
    assert [len(one["files"]) for one in offloads if one["type"] == TRANSPORTS] == [2, 2]
    assert offloads[-1]["type"] == "OFFLOAD_TYPE_TRIP_CARBON"
    assert simulator.http.get(simulator.linked("OFFLOAD_TYPE_TRIP_CARBON")["link"]["url"]).content

    simulator.fault(fault="missing_scope", at="list", count=1)
    assert "scope" in simulator.ask(LIST % (DAY, DAY))["errors"][0]["message"]


@pytest.mark.parametrize("same_name", [False, True])
def test_several_files_have_the_rows_of_one(simulator: Simulator, same_name: bool) -> None:
    rows = simulator.truth()["rows"]
    simulator.fault(fault="several_files", type="transports", parts=3, same_name=same_name)
    offload = simulator.ask(LINK % (DAY, TRANSPORTS), key=URL_KEY)["data"]["generate_offload_url"]
    files = offload["offload"]["files"]
    contents = [simulator.http.get(file["link"]["url"]).content for file in files]

    assert len({file["name"] for file in files}) == (1 if same_name else 3)
    assert [len(content) for content in contents] == [file["size"] for file in files]
    assert sum(len(gzip.decompress(one).splitlines()) - 1 for one in contents) == rows


def test_a_slow_download_is_whole_all_the_same(simulator: Simulator) -> None:
    simulator.fault(fault="slow", at="download", seconds=0.001, bytes=4_000)
    simulator.fault(fault="hang", at="download", seconds=0.01, bytes=5_000)
    assert len(simulator.http.get(simulator.url()).content) == simulator.file()["size"]


def test_a_kept_back_answer_comes_in_the_end(simulator: Simulator) -> None:
    simulator.fault(fault="hang", seconds=0.01)
    assert simulator.http.get(simulator.url()).status_code == 200


def test_our_own_client_fetches_whatever_the_trouble(simulator: Simulator) -> None:
    simulator.fault(fault="busy", count=2, seconds=0)
    simulator.fault(fault="expired_link", count=1)
    simulator.fault(fault="expired_link", count=1, bytes=300)
    simulator.fault(fault="cut", count=1, bytes=2_000)
    simulator.fault(fault="duplicate_listing")
    keys = {name: SecretStr(SECRET[name]) for name in ("read_key", "url_key")}
    patience = Patience(attempts=8, sleep=lambda _: None)
    api = Sentiance(simulator.http, base_url=BASE, **keys, patience=patience)
    source = SentianceOffloads(api, simulator.http, schemes=("http",), patience=patience)

    listing = source.list_files(first=date(2023, 6, 6), last=date(2023, 6, 6))
    with source.open(_transports(listing.files)) as download:
        content = b"".join(download)

    assert len(listing.files) == 22
    assert len(gzip.decompress(content).splitlines()) == simulator.truth()["rows"] + 1


def _transports(files: tuple[ListedFile, ...]) -> ListedFile:
    return next(file for file in files if file.key.dataset == "transports")


def _drain(answer: httpx.Response, received: bytearray) -> None:
    for data in answer.iter_raw():
        received.extend(data)
