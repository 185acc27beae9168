"""Waiting as long as somebody is there to wait for the answer."""

import anyio
from starlette.types import Receive


async def wait(receive: Receive, seconds: float) -> None:
    if seconds > 0:
        with anyio.move_on_after(seconds):
            while (await receive())["type"] != "http.disconnect":
                continue
