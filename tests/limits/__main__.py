"""`python -m tests.limits > docs/limits.md`: every limit, and the test that shows it."""

import sys
from collections.abc import Iterator

from tests.limits.declared import LIMITS
from tests.limits.limit import Limit

INTRODUCTION = """\
# Limits

Each value stands where it is set, and is read from there by `make docs`; a test fails when this
page is not up to date, or when a test that it names is gone. What AWS itself limits is not listed.
"""


def page() -> str:
    return "\n".join((INTRODUCTION, *_chapters()))


def _chapters() -> Iterator[str]:
    for title, limits in LIMITS.items():
        yield f"## {title}"
        yield ""
        yield "| what | limit | beyond it | set in | shown by |"
        yield "|---|---|---|---|---|"
        yield from map(_row, limits)
        yield ""


def _row(one: Limit) -> str:
    file, _, test = one.shown_by.partition("::")
    cells = (one.what, one.value, one.beyond, f"`{one.place}`", f"`tests/{file}::{test}`")
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
