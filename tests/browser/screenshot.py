"""A page as people see it: `python -m tests.browser.screenshot PAGE.html PICTURE.png`."""

import base64
import sys
from pathlib import Path

from tests.browser import chromium
from tests.browser.chromium import Chromium

WIDTH, HEIGHT = 1_000, 1_860


def taken(browser: Chromium, page: Path, *, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Of its beginning, as PNG."""
    browser.open(page, width=width, height=height)
    told = browser.call("Page.captureScreenshot", format="png", optimizeForSpeed=False)
    return base64.b64decode(told["data"])


def main(page: str, picture: str) -> None:
    with chromium.started() as browser:
        Path(picture).write_bytes(taken(browser, Path(page)))


if __name__ == "__main__":
    main(*sys.argv[1:3])
