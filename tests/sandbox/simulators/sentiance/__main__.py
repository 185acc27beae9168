"""Serve the simulator on loopback, until it is told to stop."""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import date

import uvicorn

from tests.sandbox.simulators.sentiance import app
from tests.sandbox.simulators.sentiance.settings import Settings

HOST = "127.0.0.1"
GRACE_SECONDS = 1
DEFAULTS = Settings()
EXAMPLES = """examples:
  python -m tests.sandbox.simulators.sentiance
      50 people on any free port, which is printed
  python -m tests.sandbox.simulators.sentiance --port 4567 --users 1000 --seed 7
  curl -d '{"fault": "busy", "count": 2}' http://127.0.0.1:4567/_simulator/faults
      the next two requests are answered 429
  curl 'http://127.0.0.1:4567/_simulator/truth?from=2023-06-04&to=2023-06-05'
      what is in the files
"""


def main(words: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(words)
    settings = Settings(
        seed=asked.seed,
        users=asked.users,
        first_day=asked.first_day,
        link_seconds=asked.link_seconds,
        read_key=asked.read_key,
        url_key=asked.url_key,
    )
    try:
        listener = socket.create_server((HOST, asked.port))
    except OSError as error:
        sys.stderr.write(f"cannot listen on {HOST}:{asked.port}: {os.strerror(error.errno or 0)}\n")
        return 1
    with listener:
        _serve(settings, listener)
    return 0


def _serve(settings: Settings, listener: socket.socket) -> None:
    """Without an access log: it would show the links, which are keys."""
    config = uvicorn.Config(
        app.create(settings),
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    for stop in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again when it has stopped
        signal.signal(stop, lambda *_: None)
    sys.stdout.write(f"listening on http://{HOST}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


def _is_news(record: logging.LogRecord) -> bool:
    """Answers that are not completed were meant to be: a cut, or one still kept back at the end."""
    is_cancelled = record.exc_info and record.exc_info[0] is asyncio.CancelledError
    return not (is_cancelled or "without completing response" in record.getMessage())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.sandbox.simulators.sentiance",
        description="Sentiance's offloads, simulated, on 127.0.0.1. Stop it with SIGTERM.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=_port, default=0, help="0, the default, picks a free one")
    add("--seed", type=int, default=DEFAULTS.seed, help="another seed, other people (%(default)s)")
    add("--users", type=_positive, default=DEFAULTS.users, help="how many people (%(default)s)")
    add(
        "--first-day",
        type=_day,
        default=DEFAULTS.first_day,
        metavar="YYYY-MM-DD",
        help="the oldest day with offloads (%(default)s); the newest is today",
    )
    add(
        "--link-seconds",
        type=_positive,
        default=DEFAULTS.link_seconds,
        help="how long a link is good (%(default)s)",
    )
    add("--read-key", default=DEFAULTS.read_key, help="may list offloads (%(default)s)")
    add("--url-key", default=DEFAULTS.url_key, help="may make links (%(default)s)")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65_536):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("give a day, YYYY-MM-DD") from None


def _positive(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError("give a whole number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
