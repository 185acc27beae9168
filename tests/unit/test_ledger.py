"""The ledger: whatever the order in which things happen, no file is lost and none counts twice."""

from datetime import UTC, date, datetime, timedelta

import pytest

from telematics.errors import Busy
from telematics.ledger import Claim, Ledger, LedgerRow, State
from telematics.raw import RawKey, StoredObject
from tests.unit.fakes import FakeTable, ledger

KEY = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv.gz")
NOW = datetime(2023, 6, 5, 6, 0, tzinfo=UTC)
LEASE = timedelta(minutes=15)
FIRST = StoredObject("etag-1", 100, "sha-1")
SECOND = StoredObject("etag-2", 200, "sha-2")


def listed(size: int | None = 100) -> Ledger:
    made = ledger()
    made.listed(KEY, offload_type="OFFLOAD_TYPE_TRANSPORTS", size=size, now=NOW)
    return made


def row(made: Ledger) -> LedgerRow:
    found = made.get("sentiance", KEY.file)
    assert found is not None
    return found


def claim(made: Ledger, stored: StoredObject = FIRST, *, at: datetime = NOW) -> Claim:
    return made.claim(KEY, stored.etag, size=stored.size, now=at, lease=LEASE)


def load(made: Ledger, stored: StoredObject = FIRST) -> bool:
    return made.loaded(KEY, stored.etag, rows=7, quarantined=1, now=NOW)


def relist(made: Ledger, size: int) -> bool:
    return made.relisted(row(made), offload_type="OFFLOAD_TYPE_TRANSPORTS", size=size, now=NOW)


def test_a_file_goes_from_listed_to_loaded() -> None:
    made = listed()
    assert row(made).state is State.LISTED
    assert row(made).is_to_be_fetched

    assert made.stored(row(made), FIRST, now=NOW)
    assert row(made).state is State.STORED
    assert not row(made).is_to_be_fetched

    assert claim(made) is Claim.CLAIMED
    assert load(made)
    after = row(made)
    assert after.state is State.LOADED
    assert (after.rows, after.quarantined, after.attempts) == (7, 1, 1)
    assert (after.sha256, after.stored_size, after.etag) == ("sha-1", 100, "etag-1")


def test_listing_twice_changes_nothing() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)

    assert not made.listed(KEY, offload_type="OFFLOAD_TYPE_TRANSPORTS", size=100, now=NOW)

    assert row(made).state is State.STORED


def test_convert_may_load_before_fetch_says_stored() -> None:
    made = listed()
    before = row(made)

    assert claim(made) is Claim.CLAIMED
    assert load(made)
    assert made.stored(before, FIRST, now=NOW)

    after = row(made)
    assert after.state is State.LOADED
    assert (after.sha256, after.stored_size, after.attempts) == ("sha-1", 100, 1)


def test_convert_may_claim_before_fetch_says_stored_and_load_after() -> None:
    made = listed()

    claim(made)
    made.stored(row(made), FIRST, now=NOW)
    assert row(made).state is State.STORED
    load(made)

    assert row(made).state is State.LOADED


def test_a_file_listed_with_another_size_is_fetched_and_loaded_again() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)
    claim(made)
    load(made)

    assert relist(made, 200)
    assert row(made).is_to_be_fetched
    made.stored(row(made), SECOND, now=NOW)
    assert claim(made, SECOND) is Claim.CLAIMED
    load(made, SECOND)

    assert row(made).state is State.LOADED
    assert row(made).etag == "etag-2"


def test_a_load_of_the_old_version_does_not_hide_a_newer_listing() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)
    claim(made)

    relist(made, 200)
    assert not load(made)  # it finishes, but what it loaded is out of date

    assert row(made).state is State.LISTED
    assert claim(made, SECOND) is Claim.CLAIMED  # and its lease is released


def test_a_message_of_the_old_version_that_comes_late_does_not_hide_a_newer_listing() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)
    relist(made, 200)

    assert claim(made) is Claim.CLAIMED
    assert not load(made)

    assert row(made).state is State.LISTED


def test_a_fetch_of_the_old_version_does_not_hide_a_newer_listing() -> None:
    made = listed()
    before = row(made)
    relist(made, 200)

    assert not made.stored(before, FIRST, now=NOW)

    assert row(made).state is State.LISTED


def test_a_file_that_gets_its_old_size_back_is_loaded_again() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)
    claim(made)
    load(made)
    relist(made, 200)
    relist(made, 100)

    assert made.stored(row(made), FIRST, now=NOW)
    assert row(made).state is State.STORED
    assert claim(made) is Claim.CLAIMED
    assert load(made)
    assert row(made).state is State.LOADED


def test_two_plans_at_once_relist_a_file_once() -> None:
    made = listed()
    before = row(made)

    assert made.relisted(before, offload_type="X", size=200, now=NOW)
    assert not made.relisted(before, offload_type="X", size=200, now=NOW)


def test_a_failed_fetch_keeps_its_reason_and_counts() -> None:
    made = listed()

    reason = "answered 500 at https://bucket/x?X-Amz-Signature=abc"
    made.fetch_failed(row(made), reason=reason, now=NOW)
    made.fetch_failed(row(made), reason=reason, now=NOW)

    after = row(made)
    assert (after.state, after.attempts) == (State.FAILED, 2)
    assert after.error == "answered 500 at <link>"
    assert after.is_to_be_fetched

    made.stored(after, FIRST, now=NOW)
    assert (row(made).error, row(made).state, row(made).attempts) == ("", State.STORED, 3)


def test_a_failure_does_not_undo_what_somebody_else_stored() -> None:
    made = listed()
    before = row(made)
    made.stored(before, FIRST, now=NOW)

    assert not made.fetch_failed(before, reason="broken", now=NOW)

    assert row(made).state is State.STORED


def test_storing_the_same_again_leaves_a_loaded_file_loaded() -> None:
    made = listed()
    before = row(made)
    made.stored(before, FIRST, now=NOW)
    claim(made)
    load(made)

    made.stored(before, FIRST, now=NOW)

    assert row(made).state is State.LOADED


def test_a_file_whose_event_was_lost_is_fetched_again() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)

    assert made.lost(row(made))

    assert row(made).state is State.LISTED


def test_a_file_that_was_loaded_meanwhile_is_not_lost() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)
    before = row(made)
    claim(made)
    load(made)

    assert not made.lost(before)


def test_the_same_object_is_loaded_once() -> None:
    made = listed()
    claim(made)

    assert claim(made) is Claim.HELD
    load(made)
    assert claim(made) is Claim.DONE
    forced = made.claim(KEY, "etag-1", size=100, now=NOW, lease=LEASE, forced=True)
    assert forced is Claim.CLAIMED


def test_another_version_waits_for_the_one_being_loaded() -> None:
    made = listed()
    claim(made)

    with pytest.raises(Busy, match=r"transports\.csv\.gz"):
        claim(made, SECOND)
    load(made)

    assert claim(made, SECOND) is Claim.CLAIMED


def test_a_lease_ends_with_its_time() -> None:
    made = listed()
    claim(made)

    assert claim(made, SECOND, at=NOW + LEASE) is Claim.CLAIMED
    assert not load(made)  # the first holder comes too late to say anything

    assert row(made).state is State.LISTED


def test_a_lease_that_is_released_can_be_taken_again_at_once() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)
    claim(made)

    assert not made.release(KEY, "another etag")
    assert made.release(KEY, "etag-1")

    assert row(made).state is State.STORED
    assert claim(made) is Claim.CLAIMED


def test_a_failed_load_is_fetched_and_loaded_again() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)
    claim(made)

    made.load_failed(KEY, "etag-1", error="csv.gz: corrupt", now=NOW)
    assert (row(made).state, row(made).error) == (State.FAILED, "csv.gz: corrupt")

    assert made.stored(row(made), FIRST, now=NOW)
    assert claim(made) is Claim.CLAIMED
    load(made)
    assert (row(made).state, row(made).error) == (State.LOADED, "")


def test_an_unreadable_object_is_quarantined_until_it_changes() -> None:
    made = listed()
    made.stored(row(made), FIRST, now=NOW)
    claim(made)

    made.quarantined(KEY, "etag-1", reason="unknown format", now=NOW)
    assert (row(made).state, row(made).error) == (State.QUARANTINED, "unknown format")
    assert not row(made).is_to_be_fetched
    assert claim(made) is Claim.DONE

    relist(made, 200)
    made.stored(row(made), SECOND, now=NOW)
    claim(made, SECOND)
    load(made, SECOND)
    assert (row(made).state, row(made).error) == (State.LOADED, "")


def test_an_object_that_nobody_listed_gets_a_row_when_it_is_loaded() -> None:
    made = ledger()

    assert claim(made) is Claim.CLAIMED
    found = row(made)
    assert (found.state, found.dataset, found.day) == (State.STORED, "transports", KEY.day)
    assert (found.raw_key, found.stored_size, found.listed_size) == (str(KEY), 100, None)
    assert load(made)

    assert row(made).state is State.LOADED


def test_a_file_of_unknown_size_is_loaded_too() -> None:
    made = listed(size=None)
    assert row(made).listed_size is None

    assert made.stored(row(made), FIRST, now=NOW)
    claim(made)
    assert load(made)

    assert row(made).state is State.LOADED


def test_rows_come_in_the_order_of_their_days_page_by_page() -> None:
    made = Ledger(ledger(FakeTable(page_size=2)).table)
    days = [date(2023, 6, number) for number in (1, 2, 3, 4, 5)]
    for day in reversed(days):
        for dataset in ("badges", "transports"):
            key = RawKey("sentiance", dataset, day, dataset, "csv.gz")
            made.listed(key, offload_type="X", size=1, now=NOW)
    other = RawKey("other", "transports", days[0], "transports", "csv.gz")
    made.listed(other, offload_type="X", size=1, now=NOW)

    assert len(list(made.rows("sentiance"))) == 10
    some = list(made.rows("sentiance", date(2023, 6, 2), date(2023, 6, 3)))
    assert [(one.day.day, one.dataset) for one in some] == [
        (2, "badges"),
        (2, "transports"),
        (3, "badges"),
        (3, "transports"),
    ]
