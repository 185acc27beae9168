"""`telematics cost`: its arithmetic against numbers made by hand, and what it says and refuses."""

import json
from dataclasses import replace

import pytest

from infra import unit_prices as prices
from infra.costs.assumptions import assumptions
from infra.costs.bill import Line, bill, total
from infra.costs.measured import Idle, Measured
from infra.costs.use import Use
from infra.costs.work import SLOWER, Step, Work
from tests.unit.cli_program import Program, telematics

__all__ = ["telematics"]

REQUESTS = {"s3_puts": 20.0, "s3_gets": 50.0, "glue_requests": 10.0, "dynamodb_writes": 4.0}
ONCE = {"seconds": 0.5, **REQUESTS}
EACH = {"seconds": 0.001, "bytes": 100.0, "plain_bytes": 1_000.0, "lake_bytes": 50.0}
FIGURES = {
    "received": {"seconds": 0.001},
    "received_item": EACH,
    "received_point": {},
    "enriched": {"seconds": 0.01, "s3_gets": 2.0, "dynamodb_writes": 2.0},
    "enriched_item": EACH,
    "enriched_point": EACH,
    "merged": ONCE,
    "merged_item": EACH,
    "merged_point": EACH,
    "offload_day": {**ONCE, "files": 20.0},
    "offload_trip": {**EACH, "raw_bytes": 1_000.0, "raw_bytes_of_points": 400.0, "points": 20.0},
    "callback": {"seconds": 1.0, "bytes": 4e6},
    "tending": {"seconds_per_megabyte": 0.1},
    "told": {"metrics": 10.0},
}
MEASURED = Measured("2026-01-02", "measure", (Idle("AWS::KMS::Key", 2, 1.5, 3.0),), FIGURES)
LOTS = (0, 1, 10, 1_000, 40_000, 1_000_000, 20_000_000)


def work(users: int, *, waits: float = 60, **said: float) -> Work:
    return Work(Use.of(users, **said), MEASURED, waits)


def line(lines: list[Line], service: str, what: str) -> Line:
    [found] = [one for one in lines if (one.service, one.what) == (service, what)]
    return found


def test_without_users_there_is_the_idle_bill_and_nothing_else() -> None:
    assert total(bill(work(0))) == pytest.approx(3.0)


def test_the_more_users_the_dearer() -> None:
    for notified in (0.0, 0.5, 1.0):
        totals = [total(bill(work(users, notified=notified))) for users in LOTS]
        assert totals == sorted(set(totals))


@pytest.mark.parametrize(
    "more",
    [
        {"trips_per_user_day": 6.0},
        {"points_per_trip": 900.0},
        {"claims_per_month": 9_000.0},
        {"queries_per_day": 5_000.0},
        {"reports_per_day": 100.0},
        {"months_kept": 24.0},
    ],
    ids=str,
)
def test_more_of_anything_is_dearer(more: dict[str, float]) -> None:
    assert total(bill(work(100_000, **more))) > total(bill(work(100_000)))


def test_a_longer_wait_merges_more_at_once() -> None:
    soon, late = work(1_000_000, waits=5), work(1_000_000, waits=60)
    assert soon.merges == 2 * 30 * 86_400 / 5
    assert late.merges == pytest.approx(max(86_400, late.points / 1e5 + late.items / 1e5 + 10_368))
    assert total(bill(late)) < total(bill(soon))


def test_few_items_come_alone_and_many_together() -> None:
    assert work(10, notified=1, trips_per_user_day=1).webhooks == 600
    assert work(1_000_000).webhooks == 30 * 86_400 / 5
    assert work(100_000_000, notified=1).webhooks == 100_000_000 * 3 * 30 * 2 / 1_000


def test_trips_are_notified_or_come_in_files_but_not_both() -> None:
    use = Use.of(100, notified=0.25)
    assert (use.trips, use.notified_trips, use.filed_trips) == (9_000, 2_250, 6_750)
    only_files, only_webhooks = work(100, notified=0), work(100, notified=1)
    assert (only_files.webhooks, only_webhooks.files) == (0, 0)
    assert only_files.files == 30 * 20


def test_a_file_grows_with_the_points_of_its_trips() -> None:
    """600 bytes without its points, and 20 for each."""
    assert work(1, notified=0, points_per_trip=20).filed_bytes == 90 * 1_000
    assert work(1, notified=0, points_per_trip=90).filed_bytes == 90 * (600 + 90 * 20)


def test_a_small_function_has_a_share_of_a_core() -> None:
    whole = Step("whole", 1_769, processor_seconds=100, waited_seconds=10)
    third = Step("third", 590, processor_seconds=100, waited_seconds=10)
    assert whole.gigabyte_seconds == pytest.approx((100 * SLOWER + 10) * 1_769 / 1_024)
    assert third.gigabyte_seconds == pytest.approx(100 * SLOWER * 1_769 / 1_024 + 10 * 590 / 1_024)


def test_each_line_is_its_count_times_its_price() -> None:
    lines = bill(work(1_000_000, notified=1, claims_per_month=0))
    hooks = 518_400
    received = line(lines, "S3", "receive_webhook: writes")
    assert (received.count, received.each_usd) == (hooks, prices.S3_PUT)
    assert received.usd == pytest.approx(2.592)
    assert line(lines, "API Gateway", "webhooks and the private API").usd == pytest.approx(0.5184)
    ready = line(lines, "Athena", "queries of one day or user")
    assert ready.usd == pytest.approx(500 * 30 * 10e6 / 1e12 * 5)
    answered = line(lines, "Lambda", "receive_webhook")
    seconds = (hooks * 0.001 + 180e6 * 0.001) * SLOWER * 1_769 / 1_024
    assert answered.count == pytest.approx(seconds + hooks * 0.02)


def test_what_is_kept_is_paid_for_each_month() -> None:
    one, many = bill(work(1_000, months_kept=1)), bill(work(1_000, months_kept=5))
    raw = line(one, "S3", "raw, of 1 months")
    assert line(many, "S3", "raw, of 5 months").usd == pytest.approx(5 * raw.usd)


def test_the_first_requests_to_glue_are_free() -> None:
    what = "tables; the first million is free"
    assert line(bill(work(100)), "Glue", what).usd == 0
    asked = work(1_000_000, waits=5).asked("glue")
    assert line(bill(work(1_000_000, waits=5)), "Glue", what).count == asked - 1e6


@pytest.mark.parametrize("wrong", [{"notified": 1.5}, {"points_per_trip": -1.0}], ids=str)
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="makes no sense"):
        Use.of(10, **wrong)


def test_what_was_measured_has_all_that_the_bill_asks_for() -> None:
    measured = Measured.read()
    assert measured.figures.keys() == FIGURES.keys()
    assert measured.of("merged", "s3_puts") > 0
    assert measured.command.endswith("infra/costs/measured.json")


def test_what_was_never_asked_for_costs_nothing() -> None:
    assert MEASURED.of("received", "glue_requests") == 0


def test_the_assumptions_name_what_was_said_and_when_it_was_measured() -> None:
    told = "\n".join(assumptions(Use.of(2_500), MEASURED, 45))
    assert "2,500 users" in told
    assert "45 seconds" in told
    assert "2026-01-02 by `measure`" in told


def test_a_million_users_a_day_cost_less_than_300_usd_a_month(telematics: Program) -> None:
    told = json.loads(telematics("cost", "--users", "1000000", "--json").out)
    assert told["usd_a_month"] < 300
    assert told["usd_a_month"] == pytest.approx(sum(one["usd"] for one in told["lines"]), abs=0.01)
    assert told["use"]["users"] == 1_000_000
    assert {"service", "what", "unit", "count", "each_usd", "usd"} == told["lines"][0].keys()
    assert len(told["assumptions"]) > 10


def test_the_table_ends_with_the_sum_and_says_what_it_rests_on(telematics: Program) -> None:
    ended = telematics("cost", "--users", "1000", "--points-per-trip", "10")
    assert ended.code == 0
    assert ended.out.split()[:6] == ["service", "what", "a", "month", "unit", "USD"]
    assert "\ntogether" in ended.out
    assert "- 10 points a trip" in ended.out


def test_the_assumptions_can_be_asked_for_alone(telematics: Program) -> None:
    ended = telematics("cost", "--users", "1000", "--assumptions")
    assert all(one.startswith("- ") for one in ended.out.splitlines())


@pytest.mark.parametrize(
    "words",
    [
        ("--users", "-1"),
        ("--users", "many"),
        (),
        ("--users", "5", "--notified", "2"),
        ("--users", "5", "--months-kept", "-3"),
        ("--users", "5", "--merging-waits-seconds", "301"),
        ("--users", "5", "--trips-per-user-day", "nan"),
    ],
    ids=" ".join,
)
def test_bad_input_is_refused(telematics: Program, words: tuple[str, ...]) -> None:
    ended = telematics("cost", *words)
    assert (ended.code, ended.out) == (2, "")


def test_figures_of_another_day_are_read_from_their_file() -> None:
    again = replace(Measured.read(), measured_on="2030-01-01")
    assert "2030-01-01" in "".join(assumptions(Use.of(1), again, 60))
