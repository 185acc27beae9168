"""Receipts and the end of a pass: the same however often it is tried, and nobody is named."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from telematics.erasure import finishing, notes, passes
from telematics.erasure.receipts import receipt
from telematics.errors import TelematicsError
from tests.unit import erasure_world
from tests.unit.erasure_world import ErasureWorld, deploy

THEN = datetime(2023, 6, 5, 9, tzinfo=UTC)
SEEN = {"objects": 2, "bytes": 100, "items": 1, "hits": []}
STORY: dict[str, Any] = {
    "round-1/rows/move_points": {"rows": {"anna": 2, "carl": 1}},
    "round-2/rows/move_points": {"rows": {"anna": 1}},
    "round-1/rows/quarantine": {"rows": {"carl": 4}},
    "round-1/objects/0": {"objects": {"anna": 1}, "records": {"anna": 5}},
    "round-2/objects/0": {"objects": {"anna": 1}, "records": {"anna": 1}},
    "round-1/leftovers/tasks": {"counts": {"anna": 1}, "folders": {}},
    "round-1/leftovers/media": {"counts": {"anna": 3}},
    "round-1/leftovers/letters": {"messages": 7},
    "round-1/seen/raw/": {**SEEN, "hits": [{"kind": "raw", "name": "x"}]},
    "round-2/seen/raw/": SEEN,
    "round-2/seen/items/tasks": SEEN,
    "revoked/move/anna": {"outcome": "revoked"},
    "revoked/sentiance/anna": {"outcome": "refused"},
    "past/move_points": {"files": ["s3://lake/1"]},
}


def made(subject: str = "anna", **others: Any) -> Any:
    told = {
        "erasure_id": "p-1",
        "requested_at": THEN,
        "began_at": THEN + timedelta(seconds=1),
        "ended_at": THEN + timedelta(minutes=1),
        "linked": ["dashcam", "move", "sentiance"],
        "searched_by_name_only": False,
        "story": STORY,
        "rounds": 2,
        **others,
    }
    return receipt(subject, **told)


def test_a_receipt_tells_what_there_was_in_all_rounds() -> None:
    found = made()
    assert found["found"] == {
        "rows": {"move_points": 3},
        "raw_objects": 2,
        "raw_records": 6,
        "media_files": 3,
        "tasks": 1,
    }
    assert found["verified"] == {"objects": 4, "bytes": 200, "items": 2, "remaining": 0}
    assert found["ended_at"] == "2023-06-05T09:01:00.000Z"


def test_what_no_call_could_do_is_somebodys_task() -> None:
    found = made()
    told = {"dashcam": "manual", "move": "revoked", "sentiance": "refused"}
    assert found["providers"] == told
    assert [one.partition(":")[0] for one in found["manual_tasks"]] == ["dashcam", "sentiance"]


def test_a_receipt_of_somebody_is_not_about_others() -> None:
    found = made("dora", linked=[])
    assert found["found"]["rows"] == {}
    assert "anna" not in json.dumps(found)


def test_a_short_name_is_told_of() -> None:
    assert made()["notes"] == []
    assert len(made(searched_by_name_only=True)["notes"]) == 1


def test_the_same_notes_make_the_same_receipt() -> None:
    assert json.dumps(made()) == json.dumps(made(story=dict(sorted(STORY.items(), reverse=True))))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ErasureWorld]:
    world = ErasureWorld(tmp_path)
    world.leaves("our-anna", move="move-anna")
    world.leaves("our-carl", move="move-carl")
    deploy(monkeypatch, world)
    yield world
    erasure_world.forget_deployments()


def begun() -> str:
    return passes.deployed().begin("one")["pass_id"]


def test_everybody_gets_a_receipt_and_a_tombstone(world: ErasureWorld) -> None:
    pass_id = begun()
    assert finishing.deployed().finish(pass_id, 1) == {"people": 2}
    assert list(world.directory.erasing()) == []
    for user_id in ("our-anna", "our-carl"):
        [made] = world.receipts()[world.subject(user_id)]
        assert made["erasure_id"] == pass_id
        tombstone = world.directory.tombstone(user_id)
        assert tombstone is not None
        assert tombstone.erasure_id == pass_id
    assert world.kept.tasks.items[pass_id]["state"] == "erased"
    assert world.traces("our-anna", "move-anna", "our-carl", "move-carl") == []


def test_the_event_has_the_digest_of_the_receipt_in_the_log(world: ErasureWorld) -> None:
    finishing.deployed().finish(begun(), 1)
    entries = world.kept.access_log.items.values()
    digests = {
        one["subject"]: hashlib.sha256(one["result"].encode()).hexdigest() for one in entries
    }
    assert {one["subject"]: one["sha256"] for _, _, one in world.kept.bus.put} == digests
    assert {one["reason"] for one in entries} == {f"sha256 {one}" for one in digests.values()}


def test_finishing_again_changes_nothing(world: ErasureWorld) -> None:
    pass_id = begun()
    finishing.deployed().finish(pass_id, 1)
    before = world.receipts()
    assert finishing.deployed().finish(pass_id, 1) == {"people": 0}
    assert world.receipts() == before


def test_who_has_a_receipt_keeps_it_whatever_is_found_later(
    world: ErasureWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_id = begun()
    world.kept.bus.refuses = True
    with pytest.raises(TelematicsError):
        finishing.deployed().finish(pass_id, 1)
    [(subject, [first])] = world.receipts().items()
    assert len(list(world.directory.erasing())) == 2
    world.kept.bus.refuses = False
    seen = {"objects": 9, "bytes": 9, "items": 9, "hits": []}
    notes.deployed(pass_id).write("round-1/seen/raw", seen)
    assert finishing.deployed().finish(pass_id, 1) == {"people": 2}
    assert world.receipts()[subject] == [first]
    assert {detail["subject"] for _, _, detail in world.kept.bus.put} == world.receipts().keys()
