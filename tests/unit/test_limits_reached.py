"""What happens at limits that no other test is about."""

from datetime import UTC, date, datetime

from telematics import quarantine, queues, requesting
from telematics.columns import BadRow
from telematics.raw import RawKey
from telematics.requesting import MOST_REQUESTS, Request

NOON = datetime(2023, 6, 5, 12, tzinfo=UTC)
KEY = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv.gz")


def test_a_message_that_fails_comes_back_ever_later_up_to_the_longest_wait() -> None:
    waits = [queues.wait_seconds(number) for number in range(1, 10)]
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]


def test_a_bad_row_is_shown_up_to_a_length_and_whole_in_raw() -> None:
    long = "x" * (quarantine.SHOWN_CHARACTERS + 1)
    [shown] = quarantine.rows(KEY, [BadRow(7, "odd", long)]).to_pylist()
    assert (shown["line"], shown["content"]) == (7, long[:-1])


def test_who_asks_for_the_same_is_noted_up_to_a_number() -> None:
    noted: tuple[Request, ...] = ()
    for number in range(MOST_REQUESTS + 1):
        noted = requesting.noted(noted, Request(requester=f"desk {number}", requested_at=NOON))
    assert len(noted) == MOST_REQUESTS
    assert noted[-1].requester == f"desk {MOST_REQUESTS - 1}"
