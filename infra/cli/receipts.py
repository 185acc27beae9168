"""The receipt of an erasure: what there was of somebody, where, and that it is gone."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.markup import escape

from infra.cli import console, looking
from infra.cli.desk import Desk, Gone
from infra.cli.exits import CommandError
from infra.cli.following import Step, follow

ERASED = "erased"  # what the access log calls the entry that has it
Receipt = dict[str, Any]  # JSON


@dataclass(frozen=True)
class _Erasure:
    """Open while there is still somebody."""

    is_open: bool


def awaited(desk: Desk, user_id: str) -> Receipt:
    """That of an erasure under way, once nothing of them is left."""
    follow(
        _until_gone(desk, user_id),
        title=user_id,
        unit="erased",
        left_running=lambda: "stopped looking on; the erasure goes on in the stack",
    )
    return of(desk, user_id)


def _until_gone(desk: Desk, user_id: str) -> Iterator[Step]:
    def look() -> _Erasure:
        try:
            desk.call("GET", "v1", "users", user_id)
        except Gone:
            return _Erasure(is_open=False)
        return _Erasure(is_open=True)

    for one in looking.until_ended(desk, look):
        yield Step(0, 1, "going on") if one.is_open else Step(1, 1, "nothing is left")


def of(desk: Desk, user_id: str) -> Receipt:
    """From the access log, which keeps it with its digest. Raises CommandError."""
    entries = desk.call("GET", "v1", "users", user_id, "access-log")["entries"]
    told = next((one for one in entries if one["action"] == ERASED), None)
    if told is None:
        raise CommandError(f"there is no receipt for {user_id}: nobody of that id was erased")
    text = told["result"]
    digest = hashlib.sha256(text.encode()).hexdigest()
    if digest not in told["reason"]:
        raise CommandError("the receipt is not the one that its digest was taken of")
    return {**json.loads(text), "sha256": digest}


def write(receipt: Receipt, *, as_json: bool) -> None:
    if as_json:
        console.write_json(receipt)
        return
    out = console.out()
    out.print(f"[bold]Erased[/] {receipt['ended_at']}, asked for {receipt['requested_at']}")
    out.print(f"{receipt['erasure_id']}, sha256 {receipt['sha256']}")
    table = console.table("what there was", "count>")
    found = receipt["found"]
    for name, count in found["rows"].items():
        table.add_row(escape(f"rows of {name}"), f"{count:,}")
    for kind in ("raw_records", "raw_objects", "media_files", "tasks"):
        table.add_row(kind.replace("_", " "), f"{found[kind]:,}")
    out.print(table)
    for provider, outcome in receipt["providers"].items():
        out.print(f"{escape(provider)}: {escape(outcome)}")
    for task in receipt["manual_tasks"]:
        out.print(f"to be done by hand: {escape(task)}")
    for note in receipt["notes"]:
        out.print(escape(note))
    seen = receipt["verified"]
    out.print(
        f"Looked for in {seen['objects']:,} objects ({seen['bytes']:,} bytes) and"
        f" {seen['items']:,} items: found in {seen['remaining']:,}"
    )
