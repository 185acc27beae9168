"""Ask a server on this machine, whatever proxy the machine has."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

SECONDS = 10


def status(url: str) -> int | None:
    """None while nobody answers."""
    try:
        return _ask(url)[0]
    except (OSError, http.client.HTTPException):
        return None


def get_json(url: str) -> Any:  # Any: whatever it says
    return json.loads(_ask(url)[1])


def _ask(url: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
