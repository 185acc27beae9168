"""`telematics replay`: what is in raw is sent to be loaded again, as chosen, and nothing else."""

import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from infra.cli import following, settling
from infra.cli.replaying import person
from infra.cli.replaying.choice import Choice, Place, Stored
from infra.cli.replaying.plan import FILES, NUMBERS, planned
from infra.cli.replaying.sending import Sending
from telematics.announced import Announced
from telematics.offloads.period import Period
from telematics.raw import RawKey
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import Item, row
from tests.unit.replay_stack import Bucket, Queues, stack

__all__ = ["telematics"]

FIRST, SECOND = date(2023, 6, 4), date(2023, 6, 5)
DAYS = ("--from", "2023-06-04", "--to", "2023-06-05")
TRIPS = [f"sentiance/transports/day=2023-06-0{day}/transports.csv.gz" for day in (3, 4, 5, 6)]
BADGES = "sentiance/badges/day=2023-06-04/badges.csv.gz"
NOTICES = [f"move/timeline/day=2023-06-04/{name}.json" for name in "abc"]
SIZES = dict.fromkeys((*TRIPS, BADGES, *NOTICES), 1_000) | {"notes/from a person.txt": 1}
AFTER = "2023-06-05T12:00:01Z"  # once it was sent, by the stack's clock
BEFORE = "2023-06-05T11:59:00Z"
Run = Callable[..., Ended]


def rows_of(*keys: str, state: str = "loaded", **more: object) -> list[Item]:
    found = [RawKey.parse(key) for key in keys]
    return [
        row(key.day, key.dataset, state, provider=key.provider, name=key.file_name, **more)
        for key in found
    ]


def loading(rows: list[Item], **more: object) -> Callable[[str], None]:
    """As `convert` would account for each message, at once."""

    def load(body: str) -> None:
        told = Announced.parse(body)
        assert told.again
        for one in rows:
            if one["raw_key"] == str(told.key):
                one.update({"state": "loaded", "loaded_at": AFTER, "rows": 5, **more})

    return load


def keys(queues: Queues, queue: str) -> list[str]:
    return [str(Announced.parse(body).key) for body in queues.bodies(f"queue/{queue}")]


def test_a_dry_run_counts_and_estimates_and_changes_nothing(telematics: Program) -> None:
    queues = Queues()
    ended = telematics(
        "replay", "sentiance", *DAYS, "--dry-run", "--json", stack=stack(SIZES, queues=queues)
    )
    assert ended.code == 0, ended.err
    answer = json.loads(ended.out)
    assert (answer["objects"], answer["bytes"], answer["sent"]) == (3, 3_000, 0)
    assert [(one["dataset"], one["day"]) for one in answer["days"]] == [
        ("sentiance_badges", "2023-06-04"),
        ("sentiance_transports", "2023-06-04"),
        ("sentiance_transports", "2023-06-05"),
    ]
    assert set(answer["costs"]) == {"Lambda", "S3", "SQS", "DynamoDB"}
    assert sum(answer["costs"].values()) == pytest.approx(answer["usd"], abs=1e-5)
    assert answer["seconds"] > 0
    assert queues.calls == []


def test_each_object_is_sent_to_who_loads_it_and_counted_when_it_is_loaded(
    telematics: Program,
) -> None:
    rows = rows_of(TRIPS[1], BADGES, *NOTICES, loaded_at=BEFORE, rows=5)
    queues = Queues(loads=loading(rows, quarantined=1))
    ended = telematics(
        *("replay", "--dataset", "sentiance_badges", "--dataset", "move_timeline", *DAYS),
        *("--yes", "--json"),
        stack=stack(SIZES, rows, queues),
    )
    assert ended.code == 0, ended.err
    answer = json.loads(ended.out)
    assert (
        queues.calls == ["send queue/merge"] * 3 + ["send queue/convert"]
        or queues.calls == ["send queue/convert"] + ["send queue/merge"] * 3
    )
    assert answer["result"] == {
        **{"loaded": 4, "unreadable": 0, "failed": 0, "left": 0},
        **{"rows": 20, "quarantined": 4},
    }
    assert (answer["sent"], answer["settled"], answer["dead_letters"]) == (4, True, 0)


def test_what_nobody_loaded_since_is_no_success(telematics: Program) -> None:
    rows = [
        *rows_of(TRIPS[1], loaded_at=BEFORE),
        *rows_of(TRIPS[2], state="failed", error="gzip"),
    ]
    ended = telematics(
        *("replay", "--dataset", "sentiance_transports", *DAYS, "--json"),
        stack=stack(SIZES, rows, Queues(loads=lambda _: None)),
    )
    assert ended.code == 3
    result = json.loads(ended.out)["result"]
    assert (result["loaded"], result["failed"], result["left"]) == (0, 1, 1)
    assert "redrive" in ended.err


@pytest.mark.parametrize(
    ("outcome", "chosen"),
    [
        ("loaded", [BADGES, TRIPS[1]]),
        ("quarantined", [TRIPS[1], NOTICES[1]]),
        ("failed", [NOTICES[0]]),
        ("stored", [TRIPS[2], NOTICES[2]]),
    ],
)
def test_objects_are_chosen_by_what_became_of_them(
    telematics: Program, outcome: str, chosen: list[str]
) -> None:
    rows = [
        *rows_of(BADGES),
        *rows_of(TRIPS[1], quarantined=2),
        *rows_of(NOTICES[0], state="failed"),
        *rows_of(NOTICES[1], state="quarantined"),
        *rows_of(TRIPS[2], state="listed"),
    ]
    queues = Queues()
    for provider in ("sentiance", "move"):
        ended = telematics(
            *("replay", provider, *DAYS, "--outcome", outcome, "--no-wait"),
            stack=stack(SIZES, rows, queues),
        )
        assert ended.code == 0, ended.err
    assert sorted(keys(queues, "convert") + keys(queues, "merge")) == sorted(chosen)


def test_only_objects_of_one_person_are_sent(
    telematics: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person, "raw_keys", lambda *_: frozenset({NOTICES[1], TRIPS[0]}))
    queues = Queues()
    ended = telematics(
        "replay", "--user", "driver-0001", *DAYS, "--no-wait", stack=stack(SIZES, queues=queues)
    )
    assert ended.code == 0, ended.err
    assert (keys(queues, "convert"), keys(queues, "merge")) == ([], [NOTICES[1]])


def test_a_person_whom_nobody_knows_is_bad_input(telematics: Program) -> None:
    ended = telematics("replay", "--user", "nobody", *DAYS, stack=stack(SIZES))
    assert ended.code == 2
    assert "nobody is registered" in ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (DAYS, "say what"),
        (("sentiance",), "say which days"),
        (("sentiance", "--from", "2023-06-04"), "say which days"),
        (("sentiance", "--dataset", "sentiance_badges", *DAYS), "not both"),
        (("nobody", *DAYS), "choose one of"),
        (("--dataset", "acme_trips", *DAYS), "PROVIDER_DATASET"),
        (("--dataset", "sentiance_trips", *DAYS), "sentiance_badges, sentiance_transports"),
        (("sentiance", "--from", "2023-06-05", "--to", "2023-06-04"), "is after"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(
    telematics: Program, words: tuple[str, ...], told: str
) -> None:
    queues = Queues()
    ended = telematics("replay", *words, stack=stack(SIZES, queues=queues))
    assert ended.code == 2
    assert told in ended.err
    assert queues.calls == []


@pytest.mark.parametrize(("answer", "code", "sent"), [("", 2, 0), ("n\n", 2, 0), ("y\n", 0, 1_001)])
def test_much_is_only_done_once_it_is_confirmed(
    telematics: Program, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, sent: int
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    many = {f"sentiance/badges/day=2023-06-04/b{n:05}.csv.gz": 1 for n in range(1_001)}
    queues = Queues(loads=lambda _: None)
    ended = telematics("replay", "sentiance", *DAYS, "--no-wait", stack=stack(many, queues=queues))
    assert ended.code == code
    assert "1,001 objects" in ended.err
    assert len(queues.calls) == sent


def test_days_outside_are_hardly_listed() -> None:
    later = {f"sentiance/badges/day=2023-07-{n:02}/badges.csv.gz": 1 for n in range(1, 20)}
    bucket = Bucket({**SIZES, **later})
    chosen = Choice([Place("sentiance", "badges")], Period(FIRST, SECOND))
    found = list(chosen.objects(stack(objects=bucket)))
    assert [str(one.key) for one in found] == [BADGES]
    assert len(bucket.listed) == 2


def test_nothing_is_sent_that_the_queue_has_no_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "PAUSE_SECONDS", 0)
    objects = [
        Stored(RawKey("sentiance", "badges", FIRST, f"b{n}", "csv.gz"), 1) for n in range(120)
    ]
    queues, most = Queues(), 0
    with planned(objects) as plan:
        work = Sending(stack(queues=queues), plan, sleep=lambda _: queues.messages.clear())
        for _ in work.send():
            most = max(most, len(queues.bodies("queue/convert")))
        assert work.sent == 120
    assert 0 < most <= FILES.most_waiting


def test_what_sqs_refuses_in_a_batch_is_sent_once_more() -> None:
    queues = Queues(forgets=2)
    key = RawKey("move", "timeline", FIRST, "a", "json")
    with planned(Stored(key, 1) for _ in range(3)) as plan:
        list(Sending(stack(queues=queues), plan, sleep=lambda _: None).send())
    assert len(queues.bodies("queue/merge")) == 3


def test_who_stops_half_way_is_told_what_was_sent(
    telematics: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(steps: Any, *_: Any) -> None:
        next(steps)
        raise KeyboardInterrupt

    monkeypatch.setattr(following, "_write_lines", stopped)
    queues = Queues()
    ended = telematics("replay", "sentiance", *DAYS, stack=stack(SIZES, queues=queues))
    assert ended.code == 130
    assert "3 of 3 objects were sent" in ended.err
    assert len(queues.bodies("queue/convert")) == 3


def test_more_costs_more_and_batches_cost_less_each() -> None:
    def cost(provider: str, count: int) -> float:
        key = RawKey(provider, "some", FIRST, "a", "json")
        with planned(Stored(key, 10_000) for _ in range(count)) as plan:
            return plan.estimate().usd

    assert cost("sentiance", 200) == pytest.approx(2 * cost("sentiance", 100), rel=0.01)
    assert cost("move", 100) < cost("sentiance", 100)
    assert NUMBERS.objects_a_call == 100
