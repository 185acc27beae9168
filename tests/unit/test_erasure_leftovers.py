"""What there is besides tables and raw: tasks, media, the ledger, dead letters, answers."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from telematics.erasure.items import Items
from telematics.erasure.leftovers import Leftovers
from telematics.erasure.letters import Letters
from telematics.erasure.notes import Notes
from telematics.erasure.persons import Person, Persons
from telematics.identities import OURS
from telematics.people import Identity
from tests.unit.erasure_buckets import FakeBuckets
from tests.unit.erasure_items import FakeItems, FakeLetters

ANNA = Person(
    "anna",
    frozenset(
        {Identity(OURS, "7"), Identity("dashcam", "cam-anna"), Identity("zendrive", "zen-anna")}
    ),
)
NOBODY = {"task_id": "idem-1", "digest": "0" * 64}


class World:
    """Everything that leftovers are in."""

    def __init__(self, folder: Path) -> None:
        self.s3 = FakeBuckets(folder)
        self.tasks = FakeItems(name="tasks")
        self.ledger = FakeItems(name="ledger", keys=("provider", "file"))
        self.queue = FakeLetters()

    @property
    def notes(self) -> Notes:
        return Notes(cast(Any, self.s3), "results", "p-1")

    def purge(self, round: int = 1) -> None:
        Leftovers(
            persons=Persons((ANNA,)),
            notes=self.notes,
            round=round,
            client=cast(Any, self.s3),
            tasks=Items(cast(Any, self.tasks)),
            accounts=[Items(cast(Any, self.ledger))],
            media="media",
            results="results",
            letters=[Letters(cast(Any, self.queue), "https://queues/dead")],
        ).purge()

    def task(self, **item: Any) -> None:
        self.tasks.items[item["task_id"]] = item

    def put(self, bucket: str, *keys: str, body: bytes = b"film") -> None:
        for key in keys:
            self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def keys(self, bucket: str) -> list[str]:
        return sorted(one for one in self.s3.objects.get(bucket, {}) if "erasures/" not in one)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize(
    "item",
    [
        {"provider": "dashcam", "driver_id": "cam-anna"},
        {"provider": "zendrive", "user_id": "zen-anna"},
        {"provider": "zendrive", "user_id": "7"},
        {"reason": "a claim of cam-anna"},
        {"wishes": {"trip": ["zen-anna/1"]}},
    ],
)
def test_tasks_go_that_are_about_somebody(world: World, item: dict[str, Any]) -> None:
    world.task(task_id="t-1", **item)
    world.task(task_id="t-2", provider="dashcam", driver_id="cam-annabel")
    world.task(**NOBODY)
    world.tasks.page_size = 1
    world.purge()
    assert sorted(world.tasks.items) == ["idem-1", "t-2"]
    note = world.notes.read("round-1/leftovers/tasks")
    assert note is not None
    assert note["counts"] == {"anna": 1}


def test_media_of_tasks_and_events_go_in_every_version(world: World) -> None:
    world.task(task_id="t-1", provider="dashcam", driver_id="cam-anna")
    folders = {"dashcam/event-1/": "anna"}
    world.notes.write("round-1/rows/dashcam_events", {"folders": folders})
    world.put("media", "dashcam/t-1/1.mp4", "dashcam/event-1/1.mp4", "dashcam/event-1/1.mp4")
    world.put("media", "dashcam/event-10/1.mp4", "dashcam/t-10/1.mp4")
    world.s3.delete_object(Bucket="media", Key="dashcam/event-1/2.jpg")
    world.purge()
    assert world.keys("media") == ["dashcam/event-10/1.mp4", "dashcam/t-10/1.mp4"]
    note = world.notes.read("round-1/leftovers/media")
    assert note is not None
    assert note["counts"] == {"anna": 2}


def test_whoever_repeats_it_counts_what_there_was_and_deletes_what_is_left(world: World) -> None:
    world.task(task_id="t-1", driver_id="cam-anna")
    world.put("media", "dashcam/t-1/1.mp4")
    world.purge()
    world.put("media", "dashcam/t-1/1.mp4")
    world.purge()
    assert world.keys("media") == []
    for place in ("tasks", "media"):
        note = world.notes.read(f"round-1/leftovers/{place}")
        assert note is not None
        assert note["counts"] == {"anna": 1}


def test_of_the_ledger_only_what_names_somebody_goes(world: World) -> None:
    row = {"provider": "dashcam", "file": "f-1", "error": "no video of cam-anna", "rows": 3}
    world.ledger.items = {"dashcam f-1": row, "dashcam f-2": {**row, "file": "f-2", "error": "no"}}
    world.purge()
    left = {name: one for name, one in row.items() if name != "error"}
    assert world.ledger.items["dashcam f-1"] == left
    assert world.ledger.items["dashcam f-2"]["error"] == "no"


def test_answers_to_queries_go_that_mention_somebody(world: World) -> None:
    world.put("results", "1.csv", body=b"driver\ncam-anna\n")
    world.put("results", "2.csv", body=b"driver\ncam-bert\n")
    world.put("results", "of/cam-anna.txt")
    world.notes.write("round-1/rows/t", {"folders": {"dashcam/cam-anna/": "anna"}})
    world.purge()
    assert world.keys("results") == ["2.csv"]
    assert world.notes.read("round-1/rows/t") is not None


def test_media_in_which_somebody_was_seen_go_in_the_next_round(world: World) -> None:
    world.put("media", "dashcam/x/1.json", "dashcam/x/1.jsonl")
    hits = [{"kind": "media", "name": "dashcam/x/1.json"}]
    world.notes.write("round-1/seen/media", {"hits": hits})
    world.purge()
    assert len(world.keys("media")) == 2
    world.purge(round=2)
    assert world.keys("media") == ["dashcam/x/1.jsonl"]


@pytest.mark.fault("redrive", of=("users",))
def test_letters_about_somebody_go_and_all_others_come_back(world: World) -> None:
    others = [json.dumps({"driver": f"cam-{n}"}) for n in range(25)]
    for body in (*others[:12], '{"driver": "cam-anna"}', *others[12:]):
        world.queue.send(body)
    world.purge()
    assert sorted(world.queue.waiting.values()) == sorted(others)
    assert world.queue.hidden == {}


def test_letters_are_looked_at_and_put_back_also_where_somebody_stops(world: World) -> None:
    for body in ("1", "2", "3"):
        world.queue.send(body)
    letters = Letters(cast(Any, world.queue), "https://queues/dead")
    assert letters.name == "dead"
    assert sorted(letters.bodies()) == ["1", "2", "3"]
    looking = letters.bodies()
    next(looking)
    looking.close()  # type: ignore[attr-defined]  # it is a generator
    world.queue.time_passes()
    assert sorted(world.queue.waiting.values()) == ["1", "2", "3"]
