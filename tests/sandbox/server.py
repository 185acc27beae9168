"""Run by the emulator's Python: the emulator, and what the sandbox asks of it beyond AWS."""

import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app as emulator
from ministack.core.persistence import save_all
from ministack.services import sqs, stepfunctions

# Any: what ASGI calls scope, receive and send.
Asgi = Callable[[Any, Any, Any], Awaitable[None]]
Execute = Callable[[Any, Any, Any, Any], Any]
Receive = Callable[[str, int], list[Any]]
PAUSE_SECONDS = 30


def with_inspection(served: Asgi) -> Asgi:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await served(scope, receive, ending_with(send))
        elif answer := ANSWERS.get(scope.get("path", "")):
            body = json.dumps(answer()).encode()
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            await served(scope, receive, send)

    return application


def ending_with(send: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    """Once all is saved, end: Python would wait for every function and deployment under way."""

    async def sent(message: Any) -> None:
        await send(message)
        if message["type"] == "lifespan.shutdown.complete":
            sys.stdout.flush()
            os._exit(0)

    return sent


def calls() -> dict[str, int]:
    """How many functions are running."""
    return {"calls": functions.executions_in_flight()[0] if (functions := _functions()) else 0}


def pause() -> dict[str, int]:
    """Functions get no messages for a while: `down` lets those finish that are running."""
    if functions := _functions():
        poll, end = functions._poll_sqs, time.monotonic() + PAUSE_SECONDS
        functions._poll_sqs = lambda: time.monotonic() > end and poll()
    return calls()


def save() -> dict[str, int]:
    """As it does when it stops, so that a kill loses less."""
    services = emulator._build_persistence_save_dict()
    save_all(services)
    return {"saved": len(services)}


def with_timeouts(execute: Execute) -> Execute:
    """It takes a state's timeout for a number, where AWS evaluates an expression."""

    def executed(state: Any, given: Any, execution: Any, context: Any) -> Any:
        if isinstance(state.get("TimeoutSeconds"), str):
            evaluate = stepfunctions._jsonata_state_field
            seconds = evaluate(state, "TimeoutSeconds", "number", given, context)
            state = {**state, "TimeoutSeconds": seconds}
        return execute(state, given, execution, context)

    return executed


def with_whole_batches(receive: Receive) -> Receive:
    """It hands ten messages to a function at most, where AWS hands over as many as there may be."""

    def received(queue: str, most: int) -> list[Any]:
        found: list[Any] = []
        while len(found) < most and (more := receive(queue, most - len(found))):
            found += more
        return found

    return received


def _functions() -> Any:  # Any: the emulator's module, or None while nobody has used it
    return sys.modules.get("ministack.services.lambda_svc")


ANSWERS: dict[str, Callable[[], dict[str, int]]] = {
    "/_sandbox/calls": calls,
    "/_sandbox/pause": pause,
    "/_sandbox/save": save,
}

if __name__ == "__main__":
    del sys.argv[1:]  # they say whose sandbox this is, to who lists processes
    emulator.app = with_inspection(emulator.app)
    stepfunctions._execute_task = with_timeouts(stepfunctions._execute_task)
    sqs._receive_messages_for_esm = with_whole_batches(sqs._receive_messages_for_esm)
    emulator.main()
