"""Whoever dies while people are erased leaves it to the next: it ends in the same, at any place."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from telematics.providers.dashcam.datasets import UUID
from telematics.raw import RawKey
from tests.unit import erasure_world, timeline
from tests.unit.erasure_world import DAY, ErasureWorld, comparable, deploy, run

ANNA = ("our-anna", "move-anna", "cam-anna", "sentiance-anna")
CARL = ("our-carl", "move-carl")
GONE = (*ANNA, *CARL)
TOLD = RawKey("move", "timeline", DAY, "told", "json")
OFFLOAD = RawKey("sentiance", "transports", DAY, "transports", "csv.gz")
EVENTS = RawKey("dashcam", "events", DAY, "events", "json")
UNLOADED = RawKey("move", "notifications", DAY, "never-loaded", "json")
CSV = "user_id,mode\nsentiance-anna,CAR\nsentiance-bert,BUS\n"
EVENT = "uuid-of-anna"


def stuffed(root: Path) -> ErasureWorld:
    """Of anna and carl, who leave, and of bert, in every kind of place."""
    world = ErasureWorld(root)
    world.leaves("our-anna", move="move-anna", dashcam="cam-anna", sentiance="sentiance-anna")
    world.leaves("our-carl", move="move-carl")
    told = [timeline.item(contract=f"move-{one}") for one in ("anna", "bert", "carl")]
    world.put_raw(TOLD, b'{"items": [%s]}' % json.dumps(told[0]).encode())  # an older version
    world.put_raw(TOLD, json.dumps({"items": told}).encode())
    world.put_raw(OFFLOAD, CSV.encode())
    world.put_raw(EVENTS, b'[{"uuid": "uuid-of-anna", "driver": "cam-anna"}]')
    world.put_raw(UNLOADED, b'{"contractId": "move-anna"}')
    for person in ("anna", "bert", "carl"):
        row = {"provider_user_id": f"move-{person}", "raw_key": str(TOLD)}
        world.add_rows("move_notifications", {**row, "notification_id": f"n-{person}"})
    of_bert = {"provider_user_id": "cam-bert", UUID: "uuid-of-bert"}
    world.add_rows(
        "dashcam_events",
        {"provider_user_id": "cam-anna", UUID: EVENT, "raw_key": str(EVENTS)},
        of_bert,
    )
    world.add_rows("quarantine", {"content": "its move-anna, or is it?"}, {"content": "move-bert"})
    for place in (f"dashcam/{EVENT}/1.mp4", "dashcam/uuid-of-bert/1.mp4", "dashcam/clip-1/2.mp4"):
        world.s3.put_object(Bucket="media", Key=place, Body=b"film")
    for place, answer in (("1.csv", b"driver\ncam-anna\n"), ("2.csv", b"driver\ncam-bert\n")):
        world.s3.put_object(Bucket="results", Key=place, Body=answer)
    kept = world.kept
    kept.tasks.items = {
        "clip-1": {"task_id": "clip-1", "person": "cam-anna", "provider": "dashcam"},
        "clip-2": {"task_id": "clip-2", "person": "cam-bert", "provider": "dashcam"},
    }
    kept.ledger.items = {
        "move f": {"provider": "move", "file": "f", "error": "move-anna: odd", "rows": 1}
    }
    line = {"subject": "s", "at": "2023/1", "action": "blocked", "by": "role"}
    kept.access_log.items = {"s 2023/1": {**line, "reason": "a friend of our-anna"}}
    for body in ('{"contractId": "move-carl"}', '{"contractId": "move-bert"}'):
        kept.letters.send(body)
    kept.providers["move"].known = {"move-anna", "move-bert"}
    return world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ErasureWorld]:
    yield stuffed(tmp_path / "world")
    erasure_world.forget_deployments()


def others(world: ErasureWorld) -> object:
    """All that is not to change."""
    kept = world.kept
    names = ("move_notifications", "dashcam_events", "quarantine")
    return (
        {one: [row for row in world.rows(one) if "bert" in str(row)] for one in names},
        world.s3.objects["media"]["dashcam/uuid-of-bert/1.mp4"],
        world.s3.objects["results"]["2.csv"],
        kept.tasks.items["clip-2"],
        sorted(kept.letters.waiting.values())[0],
        kept.providers["move"].known - set(GONE),
    )


def check(world: ErasureWorld) -> None:
    assert world.traces(*GONE) == []
    assert sorted(world.s3.objects["media"]) == ["dashcam/uuid-of-bert/1.mp4"]
    assert [len(world.rows(one)) for one in ("move_notifications", "dashcam_events")] == [1, 1]
    assert "clip-1" not in world.kept.tasks.items
    assert world.kept.ledger.items["move f"]["rows"] == 1
    assert list(world.directory.erasing()) == []


def test_all_of_them_is_gone_and_nothing_else(
    world: ErasureWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = others(world)
    assert set(world.traces(*ANNA)) >= {"users", "tasks", "ledger", "access_log"}
    deploy(monkeypatch, world)
    assert run(world, monkeypatch) == 1
    check(world)
    assert others(world) == before
    of_anna = comparable(world)[world.subject("our-anna")]
    assert of_anna["found"] == {
        "rows": {"dashcam_events": 1, "move_notifications": 1, "quarantine": 1},
        "raw_objects": 4,
        "raw_records": 4,
        "media_files": 2,
        "tasks": 1,
    }
    assert of_anna["providers"] == {
        "dashcam": "manual",
        "move": "revoked",
        "sentiance": "revoked",
    }
    assert of_anna["verified"] == 0
    told = {detail["subject"] for _, _, detail in world.kept.bus.put}
    assert told == {world.subject(one) for one in ("our-anna", "our-carl")}


@pytest.mark.fault("crash", of=("users",))
@pytest.mark.timeout(900)  # over a hundred executions
def test_wherever_it_is_interrupted_it_ends_in_the_same(
    world: ErasureWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A copy from before each change in turn is what the next execution finds."""
    before = others(world)
    dead: list[tuple[str, ErasureWorld]] = []
    world.before = lambda change: dead.append((change, world.copied(tmp_path / str(len(dead)))))
    deploy(monkeypatch, world)
    run(world, monkeypatch)
    receipts = comparable(world)
    for change, left in dead:
        deploy(monkeypatch, left)
        run(left, monkeypatch, "second")
        check(left)
        assert others(left) == before, change
        assert comparable(left) == receipts, change
        told = {detail["subject"] for _, _, detail in left.kept.bus.put}
        assert told == receipts.keys(), change
        shutil.rmtree(left.root)
    assert len(dead) > 100
