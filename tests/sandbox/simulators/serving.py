"""How every simulator is started from a shell, and served on loopback until told to stop."""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from datetime import date

import uvicorn
from starlette.applications import Starlette

HOST = "127.0.0.1"
GRACE_SECONDS = 1


def parser(
    provider: str, *, simulates: str, examples: str, seed: int, users: int, first_day: date
) -> argparse.ArgumentParser:
    """With the options that all of them have; the others are for the simulator to add."""
    made = argparse.ArgumentParser(
        prog=f"python -m tests.sandbox.simulators.{provider}",
        description=f"{simulates}, simulated, on {HOST}. Stop it with SIGTERM.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("--port", type=_port, default=0, help="0, the default, picks a free one")
    add("--seed", type=int, default=seed, help="another seed, other people (%(default)s)")
    add("--users", type=positive, default=users, help="how many people (%(default)s)")
    add(
        "--first-day",
        type=_day,
        default=first_day,
        metavar="YYYY-MM-DD",
        help="the oldest day of which there is anything (%(default)s); the newest is today",
    )
    return made


def serve(create: Callable[[], Starlette], port: int) -> int:
    """The exit code, once it was told to stop."""
    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        sys.stderr.write(f"cannot listen on {HOST}:{port}: {os.strerror(error.errno or 0)}\n")
        return 1
    with listener:
        # Connections inherit it. Without, each answer in two parts waits 40 ms for the first's ack.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _run(create(), listener)
    return 0


def _run(app: Starlette, listener: socket.socket) -> None:
    """Without an access log: it would show links, which are keys, and who is asked about."""
    config = uvicorn.Config(
        app,
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


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65_536):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("give a day, YYYY-MM-DD") from None


def positive(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError("give a whole number from 1 on")
    return int(text)
