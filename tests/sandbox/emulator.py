"""The emulator of AWS: started on loopback, with its data in the sandbox's folder."""

import os
import shutil
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from tests.sandbox import loopback, processes, saved
from tests.sandbox.errors import Died
from tests.sandbox.places import ROOT, Places
from tests.sandbox.processes import Daemon
from tests.sandbox.state import KEY, REGION

NAME = "emulator"
PROGRAM = ROOT / "tests" / "sandbox" / "server.py"
# Only these come from who starts it: the machine's settings and dotfiles must reach no function.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
READY_SECONDS = 60
FINISHING_SECONDS = 20  # for functions that are running when it shall stop
POLITE_SECONDS = 3  # until those are ended that are running still
SAVING_SECONDS = 60
CONCURRENT_CALLS = 32
IDLE_FUNCTION_SECONDS = 60


def start(places: Places, *, python: Path, port: int) -> Daemon:
    saved.prepare(places, port)
    shutil.rmtree(places.temporary, ignore_errors=True)
    places.temporary.mkdir(parents=True)
    # -P: modules beside the program must not stand in for those that it imports.
    command: list[str | Path] = [python, "-P", PROGRAM, "--folder", places.folder]
    return processes.start(
        NAME,
        command,
        places=places,
        environment=environment(places, port),
        folder=places.folder,
    )


def environment(places: Places, port: int) -> dict[str, str]:
    return {
        **{name: value for name in PASSED_ON if (value := os.environ.get(name))},
        **_proxies(),
        "HOME": str(places.temporary),
        "TMPDIR": str(places.temporary),
        "TZ": "UTC",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{places.temporary}/no-docker",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(places.services),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(places.objects),
        "LAMBDA_ACCOUNT_CONCURRENCY": str(CONCURRENT_CALLS),
        "LAMBDA_WARM_TTL_SECONDS": str(IDLE_FUNCTION_SECONDS),
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",  # within the quiet second that means idle
        **credentials(),
    }


def credentials() -> dict[str, str]:
    """What an AWS SDK needs to talk to the emulator, and nothing of the machine's own settings."""
    return {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def wait_until_ready(daemon: Daemon, endpoint: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while loopback.status(f"{endpoint}/_ministack/ready") != 200:
        daemon.must_live()
        if time.monotonic() > deadline:
            words = processes.last_words(daemon.log)
            raise Died(f"the emulator gives no answer after {READY_SECONDS} s: {words}")
        time.sleep(0.05)


def finish_calls(daemon: Daemon, endpoint: str) -> None:
    """A function that is cut off leaves a lease, for which the next one must wait."""
    deadline = time.monotonic() + FINISHING_SECONDS
    # One that doesn't answer, or not in this way, can't be asked to; it is stopped all the same.
    with suppress(OSError, HTTPException, ValueError):
        left = loopback.get_json(f"{endpoint}/_sandbox/pause")["calls"]
        while left and daemon.alive and time.monotonic() < deadline:
            time.sleep(0.1)
            left = loopback.get_json(f"{endpoint}/_sandbox/calls")["calls"]


def stop(daemon: Daemon) -> bool:
    """False when it had to be killed: what it had not saved is lost."""
    return processes.stop(daemon, polite_seconds=POLITE_SECONDS, patience_seconds=SAVING_SECONDS)


def _proxies() -> dict[str, str]:
    """A function may need the machine's proxy to reach a real provider, never to reach us."""
    names = [name for upper in PROXIES for name in (upper, upper.lower())]
    found = {name: os.environ[name] for name in names if name in os.environ}
    if not found:
        return {}
    given = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    direct = ",".join(filter(None, [given, "127.0.0.1", "localhost"]))
    return {**found, "NO_PROXY": direct, "no_proxy": direct}
