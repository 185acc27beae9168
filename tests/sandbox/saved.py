"""The emulator's saved data, made fit for the next start."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.sandbox.places import Places

ADDRESS = re.compile(r"127\.0\.0\.1:(\d+)")


def prepare(places: Places, port: int) -> None:
    old = port_of(places)
    if old not in (None, port):
        _move(places, re.compile(rf"\b127\.0\.0\.1:{old}\b"), f"127.0.0.1:{port}")
    _release_messages(places.services / "sqs.json")
    _end_updates(places.services / "cloudformation.json")


def port_of(places: Places) -> int | None:
    """Queue addresses hold the port."""
    queues = places.services / "sqs.json"
    found = ADDRESS.search(queues.read_text()) if queues.exists() else None
    return int(found[1]) if found else None


def _move(places: Places, old: re.Pattern[str], new: str) -> None:
    """Queues are known by their address, in outputs and in functions' environments as well."""
    for file in places.services.glob("*.json"):
        text, times = old.subn(new, file.read_text())
        if times:
            file.write_text(text)


def _release_messages(file: Path) -> None:
    """Messages that a function had in hand are free: the function has ended with the emulator."""
    now = time.time()
    with _rewritten(file) as payload:
        for queue in _all(payload, "queues"):
            for message in queue["messages"]:
                if message["receipt_handle"] and message["visible_at"] > now:
                    message["visible_at"] = now


def _end_updates(file: Path) -> None:
    """An update that was under way is over, and the stack can be updated again."""
    with _rewritten(file) as payload:
        for stack in _all(payload, "stacks"):
            if re.fullmatch("UPDATE_.*IN_PROGRESS", stack["StackStatus"]):
                stack["StackStatus"] = "UPDATE_ROLLBACK_COMPLETE"


@contextmanager
def _rewritten(file: Path) -> Iterator[dict[str, Any]]:  # Any: as the emulator writes it
    if not file.exists():
        yield {}
        return
    content = json.loads(file.read_text())
    yield content["payload"]
    file.write_text(json.dumps(content))


def _all(payload: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """The records of all accounts and regions."""
    return list(payload[kind]["data"].values()) if kind in payload else []
