"""The receipt of an erasure: what there was of somebody, where, and that it is gone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from telematics.erasure.notes import Note
from telematics.erasure.revoking import Outcome, by_hand
from telematics.moments import stamp


class Found(TypedDict):
    """How much of it there was: rows by table, the rest by kind."""

    rows: Mapping[str, int]
    raw_objects: int
    raw_records: int
    media_files: int
    tasks: int


class Verified(TypedDict):
    """What was read once more, of everybody's, and in how much of it they are still mentioned."""

    objects: int
    bytes: int
    items: int
    remaining: int


class Receipt(TypedDict):
    """Names nobody: `subject` is the keyed hash of our id. Times are UTC."""

    erasure_id: str
    subject: str
    requested_at: str
    began_at: str
    ended_at: str
    providers: Mapping[str, str]
    manual_tasks: Sequence[str]
    found: Found
    verified: Verified
    notes: Sequence[str]


def receipt(
    subject: str,
    *,
    erasure_id: str,
    requested_at: datetime,
    began_at: datetime,
    ended_at: datetime,
    linked: Sequence[str],
    searched_by_name_only: bool,
    story: Mapping[str, Note],
    rounds: int,
) -> Receipt:
    """The same from the same notes, however often the pass was interrupted."""
    told = {one: _outcome(story, one, subject) for one in linked}
    manual = [f"{one}: {task}" for one in linked if (task := by_hand(one, told[one]))]
    remark = "an identifier is so short that it was looked for only where identifiers stand"
    return {
        "erasure_id": erasure_id,
        "subject": subject,
        "requested_at": stamp(requested_at),
        "began_at": stamp(began_at),
        "ended_at": stamp(ended_at),
        "providers": dict(told),
        "manual_tasks": manual,
        "found": _found(subject, story),
        "verified": _verified(story, rounds),
        "notes": [remark] if searched_by_name_only else [],
    }


def _outcome(story: Mapping[str, Note], provider: str, subject: str) -> Outcome:
    note = story.get(f"revoked/{provider}/{subject}")
    return Outcome(note["outcome"]) if note else Outcome.MANUAL


def _found(subject: str, story: Mapping[str, Note]) -> Found:
    """Over all rounds."""
    rows: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for name, note in story.items():
        match name.split("/"):
            case [_, "rows", table]:
                rows[table] += note["rows"].get(subject, 0)
            case [_, "objects", _]:
                others["objects"] += note["objects"].get(subject, 0)
                others["records"] += note["records"].get(subject, 0)
            case [_, "leftovers", ("tasks" | "media") as place]:
                others[place] += note["counts"].get(subject, 0)
    return {
        "rows": {table: count for table, count in sorted(rows.items()) if count},
        "raw_objects": others["objects"],
        "raw_records": others["records"],
        "media_files": others["media"],
        "tasks": others["tasks"],
    }


def _verified(story: Mapping[str, Note], rounds: int) -> Verified:
    """In the last round, after which nothing was left."""
    prefix = f"round-{rounds}/seen/"
    seen = [note for name, note in story.items() if name.startswith(prefix)]
    return {
        "objects": _sum(seen, "objects"),
        "bytes": _sum(seen, "bytes"),
        "items": _sum(seen, "items"),
        "remaining": sum(len(one["hits"]) for one in seen),
    }


def _sum(notes: Iterable[Note], member: str) -> int:
    return sum(one[member] for one in notes)
