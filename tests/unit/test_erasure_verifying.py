"""The proof: every place is looked into, and each trace of somebody is told by where it is."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telematics.erasure import notes, passes, proof
from telematics.erasure.proof import Verdict
from telematics.erasure.verifying import OUT_OF_TIME
from tests.unit import erasure_world
from tests.unit.erasure_world import DAY, ErasureWorld, deploy

PLENTY = 900_000


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ErasureWorld]:
    """Nobody is mentioned anywhere."""
    world = ErasureWorld(tmp_path)
    world.leaves("our-anna", move="move-anna")
    world.add_rows("move_notifications", {"provider_user_id": "move-bert"})
    world.s3.put_object(Bucket="raw", Key="move/1.json", Body=b"{}")
    deploy(monkeypatch, world)
    yield world
    erasure_world.forget_deployments()


def begun() -> str:
    return passes.deployed().begin("one")["pass_id"]


def verified(pass_id: str, milliseconds: int = PLENTY) -> tuple[Verdict, list[dict[str, Any]]]:
    """In as many calls as it takes."""
    verdict = Verdict(begin=0, after="", is_done=False, hits=0)
    while not verdict["is_done"]:
        verdict = proof.verify(
            {
                "pass_id": pass_id,
                "round": 1,
                "begin": verdict["begin"],
                "after": verdict["after"],
            },
            left(milliseconds),
        )
    seen = notes.deployed(pass_id).under("round-1/seen/")
    return verdict, [one for _, note in seen for one in note["hits"]]


def left(milliseconds: int) -> Any:
    """Each look at the clock is the last that there is time for, or there is plenty."""
    clock = iter([PLENTY, milliseconds])
    return lambda: next(clock, milliseconds)


def test_where_nobody_is_mentioned_everything_was_looked_at(world: ErasureWorld) -> None:
    world.s3.put_object(Bucket="media", Key="dashcam/1.mp4", Body=b"film")
    verdict, hits = verified(begun())
    assert (verdict["hits"], hits) == (0, [])
    [pass_id] = [one for one in world.kept.tasks.items if one.startswith("erasure-")]
    seen = dict(notes.deployed(pass_id).under("round-1/seen/"))
    objects = {name: note["objects"] for name, note in seen.items() if note["objects"]}
    files = [one for one in world.s3.lake.rglob("*") if one.is_file()]
    assert objects.pop("round-1/seen/table/warehouse/telematics/move_notifications/") == len(files)
    assert objects == {
        "round-1/seen/raw/move/": 1,
        "round-1/seen/media/dashcam/": 1,
        "round-1/seen/lists/move_notifications": 1,
    }
    assert seen["round-1/seen/items/tasks"]["items"] == 1


def stray(world: ErasureWorld) -> None:
    path = world.s3.lake / "elsewhere" / "one.csv"
    path.parent.mkdir()
    path.write_bytes(b"move-anna")


def overwritten(world: ErasureWorld) -> None:
    for body in (b"move-anna", b"{}"):
        world.s3.put_object(Bucket="raw", Key="move/2.json", Body=body)


PACKED = gzip.compress(b"move-anna")
PLACES: dict[str, tuple[Any, str, str]] = {
    "an old version": (overwritten, "raw", "move/2.json"),
    "what was deleted": (
        lambda world: [
            world.s3.put_object(Bucket="media", Key="a/1", Body=b"of move-anna"),
            world.s3.delete_object(Bucket="media", Key="a/1"),
        ],
        "media",
        "a/1",
    ),
    "something packed": (
        lambda world: world.s3.put_object(Bucket="raw", Key="x/1.gz", Body=PACKED),
        "raw",
        "x/1.gz",
    ),
    "what lies at the top": (
        lambda world: world.s3.put_object(Bucket="results", Key="1.csv", Body=b"move-anna"),
        "results",
        "1.csv",
    ),
    "a name": (
        lambda world: world.s3.put_object(Bucket="media", Key="b/move-anna", Body=b""),
        "media",
        "b/move-anna",
    ),
    "a row": (
        lambda world: world.add_rows("move_points", {"provider_user_id": "move-anna"}),
        "table",
        "move_points",
    ),
    "a file of no table": (stray, "table", "elsewhere"),
    "a task": (
        lambda world: world.kept.tasks.items.update(t={"task_id": "t", "why": ["move-anna"]}),
        "items",
        "tasks",
    ),
    "a letter": (lambda world: world.kept.letters.send("to move-anna"), "letters", "letters"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_trace_is_found_in(world: ErasureWorld, place: str) -> None:
    put, kind, name = PLACES[place]
    pass_id = begun()
    put(world)
    verdict, hits = verified(pass_id)
    assert verdict["hits"] == len(hits) > 0
    assert {"kind": kind, "name": name} in hits
    assert {one["name"] for one in hits if one["kind"] != "file"} == {name}


def test_bounds_in_a_list_of_files_are_a_trace_also_where_no_table_has_it(
    world: ErasureWorld,
) -> None:
    pass_id = begun()
    table = world.add_rows("move_points", {"provider_user_id": "move-anna"})
    folder = world.s3.lake / table.location().removeprefix("s3://lake/")
    [file] = folder.rglob("*.parquet")
    file.unlink()
    world.catalog.drop_table(table.name())
    world.add_rows("move_points", {"provider_user_id": "move-bert"})
    [of_file, of_table] = verified(pass_id)[1]
    assert of_table == {"kind": "table", "name": "move_points"}
    assert of_file["name"].startswith(f"{table.location()}/metadata/")


def test_without_time_for_more_than_an_object_it_goes_on_behind_it(world: ErasureWorld) -> None:
    pass_id = begun()
    for number in range(3):
        world.s3.put_object(Bucket="raw", Key=f"move/n-{number}", Body=b"move-anna")
    verdict, hits = verified(pass_id, OUT_OF_TIME - 1)
    assert sorted(one["name"] for one in hits) == ["move/n-0", "move/n-1", "move/n-2"]
    assert verdict["hits"] == 3


def test_who_looks_again_forgets_what_was_seen_before(world: ErasureWorld) -> None:
    pass_id = begun()
    world.s3.put_object(Bucket="raw", Key="x/1", Body=b"move-anna")
    assert verified(pass_id)[0]["hits"] == 1
    del world.s3.objects["raw"]["x/1"]
    assert verified(pass_id)[0]["hits"] == 0


def test_looking_changes_nothing_but_notes(world: ErasureWorld) -> None:
    pass_id = begun()
    world.kept.letters.send("to move-anna")
    world.add_rows("move_points", {"day": DAY})
    before = len(world.changes)
    verified(pass_id)
    changes = set(world.changes[before:])
    assert {one.split()[0] for one in changes} == {"put"}
    others = [one for one in changes if not one.startswith(f"put results/erasures/{pass_id}/")]
    assert others == ["put a letter back"]
