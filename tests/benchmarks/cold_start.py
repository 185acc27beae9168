"""How soon a function is there: `python -m tests.benchmarks.cold_start receive_webhook`.

Lambda's own runtime client asks a runtime API of ours on 127.0.0.1, in a process of its own on one
core. Prints two times since that process began: until it asked for its first event, which is what
Lambda calls init, and until that event was answered, so that nothing hides in what is loaded late.
S3 and Secrets Manager are as near as can be: they answer at once, without TLS.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from telematics.providers.move.webhooks import SIGNATURE, TIMELINE

ROOT = Path(__file__).parent.parent.parent
PATHS = (ROOT / "functions", ROOT / "layers/telematics/python")
EMPTY = "empty"  # the floor: a handler that does nothing
NOTHING = "def handler(event, context):\n    return {'statusCode': 200}\n"
SECRET = "a-secret-of-the-benchmark"  # noqa: S105  # nobody else's
BODY = b'{"items":[{"productId":1000,"contractId":"1","startTime":"2020-10-16T10:13:00Z"}]}'
LONGEST_SECONDS = 60.0


class RuntimeApi(ThreadingHTTPServer):
    """Gives out one event, takes its answer, and is AWS on the side."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.times: list[float] = []
        self.answer: dict[str, object] = {}
        self.answered = Event()
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, *told: Any) -> None:  # Any: as the standard library has it
        """That the client is ended while it waits for its next event is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*told)


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RuntimeApi

    def do_GET(self) -> None:
        """The next event. There is only one."""
        self.server.times.append(time.perf_counter())
        if len(self.server.times) > 1:
            return
        headers = {
            "Content-Type": "application/json",  # the client crashes without
            "Lambda-Runtime-Aws-Request-Id": "1",
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + LONGEST_SECONDS) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:0:function:bench",
        }
        self._answer(json.dumps(delivery(BODY)).encode(), headers)

    def do_POST(self) -> None:
        """An answer to the event, or a question to Secrets Manager."""
        body = self._body()
        if "X-Amz-Target" in self.headers:
            self._answer(
                json.dumps({"SecretString": json.dumps({TIMELINE.secret: SECRET})}).encode()
            )
            return
        self.server.times.append(time.perf_counter())
        self.server.answer = json.loads(body)
        self._answer(b"{}", status=202)
        self.server.answered.set()

    def do_PUT(self) -> None:
        """An object for S3."""
        self._body()
        self._answer(b"", {"ETag": '"0"'})

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(
        self, body: bytes, headers: Mapping[str, str] | None = None, *, status: int = 200
    ) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def delivery(body: bytes) -> dict[str, object]:
    """As API Gateway hands it over."""
    return {
        "version": "2.0",
        "routeKey": "POST /webhooks/move/timeline",
        "rawPath": "/webhooks/move/timeline",
        "headers": {SIGNATURE.header: SIGNATURE.sign(body, SECRET)},
        "requestContext": {"requestId": "request"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def environment(address: str, *folders: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(one) for one in (*folders, *PATHS)),
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_ENDPOINT_URL": f"http://{address}",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "POWERTOOLS_SERVICE_NAME": "receive_webhook",
        "POWERTOOLS_METRICS_NAMESPACE": "Telematics",
        "PROVIDER": "move",
        "SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:000000000000:secret:telematics/move",
        "RAW_BUCKET": "raw",
    }


def measure(verb: str) -> tuple[float, float]:
    """Milliseconds until the first event was asked for, and until it was answered."""
    with RuntimeApi() as api, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{EMPTY}.py").write_text(NOTHING)
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603  # our own words
            [sys.executable, "-m", "awslambdaric", f"{verb}.handler"],
            env=environment(api.address, Path(folder)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            answered = api.answered.wait(LONGEST_SECONDS)
        finally:
            process.kill()
            said, _ = process.communicate()
            api.shutdown()
    if not answered or api.answer.get("statusCode") != 200:
        raise SystemExit(f"{verb} did not answer as it should: {said.decode()}")
    asked, done = (round((moment - began) * 1000, 1) for moment in api.times[:2])
    return asked, done


def main(verb: str) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    init, first = measure(verb)
    sys.stdout.write(json.dumps({"init_ms": init, "first_answer_ms": first}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
