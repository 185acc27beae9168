"""From the provider's files to rows answered by SQL, through the deployed stack."""

from collections import Counter

import pytest

from telematics.catalog import PROVIDERS
from tests.integration.insurer import Insurer
from tests.sandbox.sandbox import Sandbox

FIRST, LAST = "2023-06-01", "2023-06-02"


@pytest.fixture(scope="module")
def fetched(sandbox: Sandbox) -> Insurer:
    insurer = Insurer(sandbox)
    said = insurer.fetch(FIRST, LAST)
    assert said.code == 0, said.err
    return insurer


def test_every_listed_file_is_loaded(fetched: Insurer) -> None:
    status = fetched.status(FIRST, LAST)
    listed = len(PROVIDERS["sentiance"].datasets) * 2
    assert (status["listed"], status["stored"], status["loaded"]) == (listed, listed, listed)
    assert (status["missing"], status["completeness"]) == ([], 1.0)


def test_every_table_has_the_rows_of_its_files(fetched: Insurer) -> None:
    truth = Counter[str]()
    for file in fetched.provider.truth(FIRST, LAST):
        truth[file["type"]] += file["rows"]
    where = f"day between date '{FIRST}' and date '{LAST}'"
    found = {name: fetched.count(f"sentiance_{name}", where) for name in truth}
    assert found == dict(truth)
    assert truth["transports"] > 0


def test_the_same_fetch_again_changes_nothing(fetched: Insurer) -> None:
    before = fetched.query("select count(*) as n, max(loaded_at) as at from sentiance_transports")
    assert fetched.fetch(FIRST, LAST).code == 0
    after = fetched.query("select count(*) as n, max(loaded_at) as at from sentiance_transports")
    assert after == before


def test_a_republished_file_replaces_its_rows(fetched: Insurer) -> None:
    day = "2023-06-03"
    fetched.fetch(day)
    where = f"day = date '{day}'"
    before = fetched.count("sentiance_transports", where)
    fetched.provider.republish(day, "OFFLOAD_TYPE_TRANSPORTS")
    said = fetched.fetch(day)
    assert said.code == 0, said.err
    [truth] = [one for one in fetched.provider.truth(day) if one["type"] == "transports"]
    assert fetched.count("sentiance_transports", where) == truth["rows"] != before


def test_times_are_utc_and_minus_one_is_null(fetched: Insurer) -> None:
    [row] = fetched.query(
        "select min(smooth) as worst, count(*) - count(smooth) as unknown,"
        " min(start) as first, count(*) as n from sentiance_transports"
    )
    assert row["worst"] is None or row["worst"] >= 0
    assert row["first"].endswith("Z")


def test_a_range_that_makes_no_sense_is_refused_with_what_would(insurer: Insurer) -> None:
    reversed_ = insurer.telematics(
        *("fetch", "sentiance", "--from", "2023-06-02", "--to", "2023-06-01")
    )
    future = insurer.telematics(*("fetch", "sentiance", "--from", "2999-01-01"))
    unreadable = insurer.telematics(*("fetch", "sentiance", "--from", "01.06.2023"))
    for said in (reversed_, future, unreadable):
        assert said.code == 2
        assert len(said.err.strip().splitlines()) == 1
    assert "YYYY-MM-DD" in unreadable.err


def test_no_secret_or_link_is_in_a_log_or_an_execution(fetched: Insurer) -> None:
    told = fetched.told()
    assert "offload stored" in told
    for secret in ("sandbox.read-offloads", "sandbox.generate-links", "X-Amz-", "Signature="):
        assert secret not in told
    [person] = fetched.query("select min(provider_user_id) as id from sentiance_transports")
    assert person["id"] not in told
