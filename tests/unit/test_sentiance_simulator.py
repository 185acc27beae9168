"""The simulator of Sentiance as a client meets it: lists, links and downloads."""

import gzip
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest

from tests.sandbox.simulators.sentiance import READ_KEY, URL_KEY
from tests.sandbox.simulators.sentiance.files import catalog
from tests.unit.simulated_sentiance import BASE, DAY, LINK, LIST, TRANSPORTS, Json, Simulator


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


def test_every_type_is_listed_with_its_size_and_without_a_link(simulator: Simulator) -> None:
    offloads = simulator.offloads()

    assert [one["type"] for one in offloads] == [one.offload_type for one in catalog.LAYOUTS]
    assert len(offloads) == 22
    assert all(file["link"] is None for one in offloads for file in one["files"])
    assert simulator.file()["size"] == simulator.truth()["size"]


def test_days_are_listed_from_the_first_to_today() -> None:
    simulator = Simulator(first_day=date(2023, 6, 18), users=1)
    days = {one["day"] for one in simulator.offloads("2023-01-01", "2023-12-31")}
    assert days == {"2023-06-18", "2023-06-19", "2023-06-20"}


def test_variables_are_understood_as_well_as_literals(simulator: Simulator) -> None:
    query = "query ($a: String!, $b: String!) { offloads(from: $a, to: $b) { day type } }"
    answer = simulator.ask(query, variables={"a": DAY, "b": DAY})
    assert len(answer["data"]["offloads"]) == 22

    query = (
        "mutation ($day: String!, $type: OffloadType!) { generate_offload_url(day: $day,"
        " offload_type: $type) { offload { type } } }"
    )
    answer = simulator.ask(query, key=URL_KEY, variables={"day": DAY, "type": TRANSPORTS})
    assert answer["data"]["generate_offload_url"]["offload"] == {"type": TRANSPORTS}


@pytest.mark.parametrize("key", ["", "somebody-else"])
def test_an_unknown_key_is_401(simulator: Simulator, key: str) -> None:
    assert simulator.post({"query": LIST % (DAY, DAY)}, key=key).status_code == 401


def test_a_body_that_is_no_request_is_400(simulator: Simulator) -> None:
    assert simulator.post({"question": "?"}, key=READ_KEY).status_code == 400


@pytest.mark.parametrize(
    ("query", "key", "message"),
    [
        (LIST % (DAY, DAY), URL_KEY, "the key lacks the scope OFFLOADS_READ"),
        (LINK % (DAY, TRANSPORTS), READ_KEY, "the key lacks the scope OFFLOADS_GENERATE_URL"),
        (LIST % ("2023-06-31", DAY), READ_KEY, "from must be a day, YYYY-MM-DD"),
        (LIST % (DAY, "20230606"), READ_KEY, "to must be a day, YYYY-MM-DD"),
        (LIST % (DAY, "2023-06-01"), READ_KEY, "from (2023-06-06) is after to (2023-06-01)"),
        (LINK % ("2024-01-01", TRANSPORTS), URL_KEY, f"there is no {TRANSPORTS} for 2024-01-01"),
        (LINK % (DAY, f'"{TRANSPORTS}"'), URL_KEY, "cannot represent non-enum value"),
        ("query { offloads { day } }", READ_KEY, "is required, but it was not"),
        ("query {", READ_KEY, "Syntax Error"),
    ],
)
def test_a_refusal_is_an_error_in_a_200(
    simulator: Simulator, query: str, key: str, message: str
) -> None:
    answer = simulator.ask(query, key=key)
    assert not answer.get("data")
    assert message in answer["errors"][0]["message"]


def test_a_link_is_listed_once_it_was_made_and_gives_the_very_file(simulator: Simulator) -> None:
    link = simulator.linked()["link"]
    answer = simulator.http.get(link["url"])

    assert simulator.file()["link"] == link
    assert link["url"].startswith(f"{BASE}/files/")
    assert f"/{DAY}_0/transports.csv.gz?" in link["url"]
    assert link["expires_at"] == "2023-06-20T12:15:00Z"
    assert answer.status_code == 200
    assert len(answer.content) == simulator.file()["size"]
    assert len(gzip.decompress(answer.content).splitlines()) == simulator.truth()["rows"] + 1


def test_links_expire_and_can_be_made_again(simulator: Simulator) -> None:
    url = simulator.url()
    simulator.now += timedelta(seconds=900)

    refused = simulator.http.get(url)
    assert refused.status_code == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in refused.text
    assert simulator.http.get(simulator.url()).status_code == 200


def test_a_link_is_good_for_its_own_file_only(simulator: Simulator) -> None:
    url = simulator.url()
    for other in (url.replace("transports.csv", "badges.csv"), url + "0", urlsplit(url).path):
        assert simulator.http.get(other).status_code == 403
    assert simulator.http.head(url).status_code == 403


def test_a_download_that_sends_a_key_too_is_refused(simulator: Simulator) -> None:
    answer = simulator.http.get(simulator.url(), headers={"Authorization": f"Bearer {READ_KEY}"})
    assert answer.status_code == 400
    assert "<Code>InvalidArgument</Code>" in answer.text


def test_a_download_can_go_on_where_it_stopped(simulator: Simulator) -> None:
    url = simulator.url()
    whole = simulator.http.get(url)
    rest = simulator.http.get(url, headers={"Range": "bytes=100-"})
    some = simulator.http.get(
        url, headers={"Range": "bytes=5-9", "If-Range": whole.headers["etag"]}
    )
    end = simulator.http.get(url, headers={"Range": "bytes=-7"})
    size = len(whole.content)

    assert whole.headers["accept-ranges"] == "bytes"
    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    assert rest.headers["content-range"] == f"bytes 100-{size - 1}/{size}"
    assert (some.content, end.content) == (whole.content[5:10], whole.content[-7:])


def test_a_range_is_ignored_of_another_edition_and_refused_after_the_end(
    simulator: Simulator,
) -> None:
    url = simulator.url()
    other = simulator.http.get(url, headers={"Range": "bytes=5-9", "If-Range": '"another"'})
    beyond = simulator.http.get(url, headers={"Range": "bytes=99999999-"})
    assert (other.status_code, beyond.status_code) == (200, 416)


def test_a_republished_file_has_another_size_the_same_for_everybody() -> None:
    def republished() -> list[Json]:
        simulator = Simulator()
        told = [simulator.truth("crash_insights")]
        for _ in range(2):
            asked = {"day": DAY, "type": "OFFLOAD_TYPE_CRASH_INSIGHTS"}
            assert simulator.http.post("/_simulator/republish", json=asked).status_code == 200
            told.append(simulator.truth("crash_insights"))
        return told

    first, second, third = republished()
    assert first["size"] != second["size"] != third["size"]
    assert [first, second, third] == republished()


def test_a_link_goes_on_being_good_for_what_was_republished(simulator: Simulator) -> None:
    url, before = simulator.url(), simulator.truth()
    simulator.http.post("/_simulator/republish", json={"day": DAY, "type": "transports"})
    after = simulator.truth()

    assert after["rows"] != before["rows"]
    assert len(simulator.http.get(url).content) == after["size"]
