"""What needs an operator: found by the clock, told with what helps, and never with who."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from telematics.attention import ages, clips, days, erasures, keys, letters, reconciliations
from telematics.attention.desk import Desk
from telematics.attention.problem import Kind
from telematics.clips.clip import Clip, State
from telematics.ledger import Ledger
from tests.unit.cli_stack import Item, Queues, Secrets, row
from tests.unit.fakes import FakeTable
from tests.unit.fakes import ledger as ledger_of
from tests.unit.user_world import UserWorld

DAY = date(2023, 6, 4)
NOON = datetime(2023, 6, 5, 12, tzinfo=UTC)
SECOND, HOUR, ONE_DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def ledger(*rows: Item) -> Ledger:
    return ledger_of(FakeTable({f"{one['provider']} {one['file']}": one for one in rows}))


def of_day(ago: int, state: str, dataset: str = "transports") -> Item:
    return row(DAY - ago * ONE_DAY, dataset, state)


def test_a_day_is_late_from_noon_of_the_next_and_no_second_before() -> None:
    accounts = ledger(of_day(0, "loaded"), of_day(0, "failed", "badges"))
    assert list(days.incomplete(accounts, now=NOON - SECOND)) == []
    [found] = days.incomplete(accounts, now=NOON)
    assert found.kind is Kind.DAY_INCOMPLETE
    assert found.what == "sentiance, 2023-06-04: 1 of 2 files are not in the lake (1 failed)"
    assert found.command == "telematics fetch sentiance --from 2023-06-04 --to 2023-06-04"
    assert found.since == NOON


@pytest.mark.parametrize("state", ["listed", "stored", "failed", "quarantined"])
def test_whatever_is_not_loaded_is_missing(state: str) -> None:
    [found] = days.incomplete(ledger(of_day(0, state)), now=NOON)
    assert f"1 of 1 files are not in the lake (1 {state})" in found.what


def test_a_day_of_which_nothing_was_listed_is_missed_where_another_came_before() -> None:
    [found] = days.incomplete(ledger(of_day(1, "loaded")), now=NOON)
    assert found.what == "sentiance, 2023-06-04: nothing was listed"
    assert list(days.incomplete(ledger(), now=NOON)) == []


def test_days_before_the_first_one_are_not_missed() -> None:
    assert list(days.incomplete(ledger(of_day(0, "loaded")), now=NOON)) == []


def test_after_a_week_a_hole_is_left_to_the_ledger() -> None:
    whole = [of_day(ago, "loaded") for ago in range(14) if ago not in (6, 7)]
    holes = [of_day(6, "failed"), of_day(7, "failed")]
    [found] = days.incomplete(ledger(*whole, *holes), now=NOON)
    assert "2023-05-29" in found.what


def test_an_errors_text_is_not_told() -> None:
    bad = {**of_day(0, "failed"), "error": "no such user: driver-0001"}
    [found] = days.incomplete(ledger(bad), now=NOON)
    assert "driver-0001" not in repr(found)


def test_noon_is_that_of_greenwich() -> None:
    elsewhere = datetime.fromisoformat("2023-06-05T05:00:00-07:00")
    assert days.last_due(elsewhere) == DAY
    assert days.last_due(elsewhere - SECOND) == DAY - ONE_DAY


def run(day: date, batch: int, **counts: int) -> Item:
    told = {"listed": 100, "missed": 0, "late": 0, "changed": 0, **counts}
    at = f"{day}T03:00:0{batch}.000Z"
    return row(
        day, "reconciliation", "loaded", provider="move", name=f"{batch}", loaded_at=at, **told
    )


def test_a_reconciliation_below_100_percent_is_told_of_with_all_its_batches() -> None:
    accounts = ledger(run(DAY, 0, missed=1), run(DAY, 1, late=2), run(DAY - ONE_DAY, 0, missed=50))
    [found] = reconciliations.incomplete(accounts, now=NOON)
    assert found.what == "move, 2023-06-04: 98.50 % of 200 were here, 1 missed and 2 late"
    assert found.command == "telematics reconcile move"
    assert found.since == datetime(2023, 6, 4, 3, 0, 1, tzinfo=UTC)


def test_only_the_newest_reconciliation_counts_and_none_that_is_old() -> None:
    good = ledger(run(DAY, 0, changed=5), run(DAY - ONE_DAY, 0, missed=50))
    assert list(reconciliations.incomplete(good, now=NOON)) == []
    old = ledger(run(DAY - 2 * ONE_DAY, 0, missed=1))
    assert list(reconciliations.incomplete(old, now=NOON)) == []


def clip(name: str, *, deadline: timedelta, wanted_hours: int = 72, state: str = "pending") -> Item:
    """Its deadline is so far from noon."""
    made = Clip(
        task_id=name,
        provider="dashcam",
        device="cid-0001",
        camera="ALL",
        at=NOON,
        duration_s=30,
        state=State(state),
        requested_at=NOON + deadline - timedelta(hours=wanted_hours),
        deadline_at=NOON + deadline,
        person="driver-0001",
    )
    return {"task_id": name, **{key: one for key, one in made.item().items() if one is not None}}


def tasks(*items: Item) -> Any:  # Any: the fake is no table of boto3's
    return FakeTable({item["task_id"]: item for item in items})


def test_a_clip_is_told_of_six_hours_before_its_deadline_and_after_it() -> None:
    near = clip("clip-1", deadline=6 * HOUR)
    over = clip("clip-2", deadline=-3 * HOUR)
    far = clip("clip-3", deadline=6 * HOUR + SECOND)
    found = list(clips.near_deadline(tasks(near, over, far), now=NOON))
    assert [one.place for one in found] == ["clip-1", "clip-2"]
    assert found[0].since == NOON
    assert found[0].command == "telematics clip show clip-1"
    assert "driver-0001" not in repr(found)


def test_of_a_wish_for_few_hours_only_the_last_quarter_is_near() -> None:
    far = clip("clip-1", deadline=2 * HOUR, wanted_hours=4)
    near = clip("clip-2", deadline=1 * HOUR, wanted_hours=4)
    found = clips.near_deadline(tasks(far, near), now=NOON)
    assert [one.place for one in found] == ["clip-2"]


def test_a_clip_that_has_ended_is_in_no_index_of_open_ones() -> None:
    ended = clip("clip-1", deadline=HOUR, state="failed")
    assert "open" not in ended
    assert list(clips.near_deadline(tasks(ended), now=NOON)) == []


def test_erasures_are_late_after_twenty_days_and_nobody_is_named() -> None:
    world = UserWorld()
    for name, ago in (("anna-1", 25), ("bert-1", 20), ("cleo-1", 3)):
        begun = NOON - timedelta(days=ago)
        world.directory.add(name, now=begun)
        world.directory.erase(name, now=begun)
    [found] = erasures.late(cast(Any, world.table), now=NOON)
    assert found.what == (
        "1 person has waited for their erasure for up to 25 days; the month is over on 2023-06-10"
    )
    assert found.since == NOON - 5 * ONE_DAY
    [both] = erasures.late(cast(Any, world.table), now=NOON + SECOND)
    assert both.what.startswith("2 people have")
    assert "anna" not in repr(found)


def vault(day: str) -> Any:  # Any: as above
    return Secrets(tags={keys.EXPIRE_ON: day, "owner": "telematics"})


def expiring(day: str, now: datetime) -> list[str]:
    return [one.what for one in keys.expiring(vault(day), {"sentiance": "arn"}, now=now)]


def test_keys_are_told_of_thirty_days_before_they_expire_and_afterwards() -> None:
    midnight = datetime(2023, 6, 5, tzinfo=UTC)
    assert expiring("2023-07-05", midnight - SECOND) == []
    assert expiring("2023-07-05", midnight) == [
        "sentiance: its keys expire on 2023-07-05, in 30 days"
    ]
    assert expiring("2023-06-05", midnight) == ["sentiance: its keys have expired on 2023-06-05"]


@pytest.mark.parametrize("day", ["", "soon", "2023-13-01"])
def test_keys_of_which_nobody_has_said_when_they_expire_are_not_told_of(day: str) -> None:
    assert expiring(day, NOON) == []


def test_dead_letters_are_told_of_by_queue() -> None:
    depths = cast(Any, Queues({"dead/convert": 2, "dead/functions": 1}))
    urls = {name: f"dead/{name}" for name in ("convert", "functions", "merge")}
    found = list(letters.dead(letters.counts(depths, urls)))
    assert [one.what for one in found] == [
        "convert: 2 messages wait among its dead letters",
        "functions: 1 message waits among its dead letters",
    ]
    assert found[0].command == "telematics redrive convert --dry-run"


class Metrics:
    """Of one queue the ages of the last minutes, in no order; of others none."""

    def get_metric_statistics(self, *, Dimensions: list[Item], **_: object) -> Item:  # noqa: N803
        if Dimensions[0]["Value"] != "Convert-1":
            return {"Datapoints": []}
        return {
            "Datapoints": [
                {"Timestamp": NOON, "Maximum": 7200.0},
                {"Timestamp": NOON - timedelta(minutes=5), "Maximum": 60.0},
            ]
        }


def test_the_oldest_message_is_told_of_after_two_hours() -> None:
    urls = {"convert": "https://sqs/1/Convert-1", "merge": "https://sqs/1/Merge-1"}
    found = ages.oldest(cast(Any, Metrics()), urls, now=NOON)
    assert found == {"convert": 2 * HOUR}
    [old] = ages.old(found, now=NOON)
    assert old.what == "convert: its oldest message has waited for 2.0 hours"
    assert old.since == NOON
    assert list(ages.old({"convert": 2 * HOUR - SECOND}, now=NOON)) == []


def test_a_desk_looks_at_everything_it_has() -> None:
    desk = Desk(
        ledger=ledger(of_day(0, "failed"), run(DAY, 0, missed=1)),
        tasks=tasks(clip("clip-1", deadline=HOUR)),
        users=cast(Any, UserWorld().table),
        vault=vault("2023-06-10"),
        secrets={"sentiance": "arn"},
        queues=cast(Any, Queues({"dead/convert": 1})),
        dead_letters={"convert": "dead/convert"},
    )
    found = desk.problems(now=NOON)
    assert {one.kind for one in found} == set(Kind) - {Kind.ERASURE_LATE, Kind.OLD_MESSAGES}
    assert len({one.digest for one in found}) == len(found)


def test_each_kind_has_a_metric_and_a_section_of_its_own() -> None:
    assert {kind.metric for kind in Kind} >= {"OffloadDayIncomplete", "ClipDeadlineNear"}
    assert Kind.KEY_EXPIRES.section == "docs/runbook.md#key-expires"
    assert len({kind.metric for kind in Kind}) == len(Kind)
