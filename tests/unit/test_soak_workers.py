"""Which processes run a function: found by their environment and parent, and by nothing else."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.soak import workers

SLEEP = "import sys; sys.stdin.read()"


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "stack-StoreClipDashcam-1"}
    command = [sys.executable, "-S", "-c", SLEEP]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as started:  # noqa: S603
        yield started
        started.kill()


def test_a_functions_process_is_found_by_its_name_below_its_parent(
    worker: "subprocess.Popen[bytes]",
) -> None:
    assert list(workers.of(os.getpid(), "StoreClip")) == [worker.pid]
    assert list(workers.of(os.getpid(), "PollClip")) == []
    assert list(workers.of(worker.pid, "StoreClip")) == []


def test_only_that_one_is_killed(worker: "subprocess.Popen[bytes]") -> None:
    assert workers.kill(os.getpid(), "PollClip") == 0
    assert worker.poll() is None
    assert workers.kill(os.getpid(), "StoreClip") == 1
    assert worker.wait(timeout=10) == -9
