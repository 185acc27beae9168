"""Run by the emulator's Python: the emulator, and what `wait --idle` and `up` must ask it."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app as emulator
from ministack.core.concurrency import active_counts
from ministack.core.persistence import save_all

# Any: what ASGI calls scope, receive and send.
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


def with_inspection(served: Asgi) -> Asgi:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        answer = ANSWERS.get(scope.get("path", "")) if scope["type"] == "http" else None
        if answer is None:
            await served(scope, receive, send)
            return
        body = json.dumps(answer()).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


def work() -> dict[str, int]:
    """Calls of functions in progress, and what was started to run beside requests."""
    functions = sys.modules.get("ministack.services.lambda_svc")
    calls = functions.executions_in_flight()[0] if functions else 0
    return {"calls": calls, "background": active_counts()["background"]}


def save() -> dict[str, int]:
    """As it does when it stops, so that a kill loses less."""
    services = emulator._build_persistence_save_dict()
    save_all(services)
    return {"saved": len(services)}


ANSWERS: dict[str, Callable[[], dict[str, int]]] = {
    "/_sandbox/work": work,
    "/_sandbox/save": save,
}

if __name__ == "__main__":
    del sys.argv[1:]  # they say whose sandbox this is, to who lists processes
    emulator.app = with_inspection(emulator.app)
    emulator.main()
