"""Serve the simulator on loopback, until it is told to stop."""

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import date

import uvicorn

from tests.sandbox.simulators.move import app
from tests.sandbox.simulators.move.settings import Settings

HOST = "127.0.0.1"
GRACE_SECONDS = 1
DEFAULTS = Settings()
EXAMPLES = """examples:
  python -m tests.sandbox.simulators.move --port 4567 --users 1000 --seed 7
  curl -d '{"fault": "busy", "count": 2}' http://127.0.0.1:4567/_simulator/faults
      the next two requests are answered 429
  curl -d '{"timeline_url": "http://127.0.0.1:8080/", "from": "2023-06-04"}' \\
      http://127.0.0.1:4567/_simulator/notify
      what everybody did on that day is notified to that webhook
"""


def main(words: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(words)
    settings = Settings(seed=asked.seed, users=asked.users, first_day=asked.first_day)
    try:
        listener = socket.create_server((HOST, asked.port))
    except OSError as error:
        sys.stderr.write(f"cannot listen on {HOST}:{asked.port}: {os.strerror(error.errno or 0)}\n")
        return 1
    with listener:
        # Connections inherit it. Without, each answer in two parts waits 40 ms for the first's ack.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _serve(settings, listener)
    return 0


def _serve(settings: Settings, listener: socket.socket) -> None:
    """Without an access log: it would show who is asked about."""
    config = uvicorn.Config(
        app.create(settings),
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # Answers that are not completed were meant to be.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    for stop in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again when it has stopped
        signal.signal(stop, lambda *_: None)
    sys.stdout.write(f"listening on http://{HOST}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.sandbox.simulators.move",
        description="Dolphin MOVE, simulated, on 127.0.0.1. Stop it with SIGTERM.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="0, the default, picks a free one")
    add("--seed", type=int, default=DEFAULTS.seed, help="another seed, other people (%(default)s)")
    add("--users", type=int, default=DEFAULTS.users, help="how many people (%(default)s)")
    add("--first-day", type=date.fromisoformat, default=DEFAULTS.first_day, metavar="YYYY-MM-DD")
    return parser


if __name__ == "__main__":
    sys.exit(main())
