"""The emulator's saved data, made fit for the next start."""

import json
import re
import time

from tests.sandbox.places import Places

ADDRESS = re.compile(r"127\.0\.0\.1:(\d+)")


def prepare(places: Places, port: int) -> None:
    queues = places.services / "sqs.json"
    if not queues.exists():
        return
    old = port_of(places)
    if old not in (None, port):
        _move(places, re.compile(rf"\b127\.0\.0\.1:{old}\b"), f"127.0.0.1:{port}")
    _release(places)


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


def _release(places: Places) -> None:
    """Messages that a function had in hand are free: the function has ended with the emulator."""
    file = places.services / "sqs.json"
    content = json.loads(file.read_text())
    now = time.time()
    for queue in content["payload"]["queues"]["data"].values():
        for message in queue["messages"]:
            if message["receipt_handle"] and message["visible_at"] > now:
                message["visible_at"] = now
    file.write_text(json.dumps(content))
