"""`python -m tests.faults > docs/faults.md`: what may go wrong, and the tests that show it."""

import sys
from collections.abc import Iterator, Sequence

from tests.faults.marked import Shown, shown
from tests.faults.matrix import FAULTS, FLOWS, NONE

INTRODUCTION = """\
# What may go wrong

For each fault and each flow of data there is a test: nothing is lost and nothing is doubled,
counted against what the provider's simulator knows to be true. This page is made from the tests'
own marks by `make docs`; a test fails when it is not up to date, or when a pair has no test.

`make soak` has all of it at once besides: half an hour of twenty webhook requests a second, with
duplicates, refused signatures, an API in trouble, a function that is broken, a queue that is
stopped and a secret that is rotated, and every row counted in the end
(`python -m tests.soak faults`).
"""


def page(tests: Sequence[Shown]) -> str:
    return "\n".join((INTRODUCTION, *_overview(tests), *_chapters(tests)))


def _overview(tests: Sequence[Shown]) -> Iterator[str]:
    """How many tests each pair has."""
    yield "| | " + " | ".join(FLOWS.values()) + " |"
    yield "|---|" + "--:|" * len(FLOWS)
    for name, fault in FAULTS.items():
        counts = [_count(tests, name, flow) for flow in FLOWS]
        yield f"| {fault.title} | " + " | ".join(counts) + " |"
    yield ""


def _count(tests: Sequence[Shown], fault: str, flow: str) -> str:
    found = len(of(tests, fault, flow))
    return "none" if (fault, flow) in NONE else str(found)


def _chapters(tests: Sequence[Shown]) -> Iterator[str]:
    for name, fault in FAULTS.items():
        yield f"## {fault.title[0].upper()}{fault.title[1:]}"
        yield ""
        yield fault.answer
        yield ""
        yield "| flow | what happens | test | runs in |"
        yield "|---|---|---|---|"
        for flow, title in FLOWS.items():
            if reason := NONE.get((name, flow)):
                yield f"| {title} | {reason} | | |"
            for one in of(tests, name, flow):
                yield f"| {title} | {one.sentence} | `{one.id}` | `{one.runs_in}` |"
        yield ""


def of(tests: Sequence[Shown], fault: str, flow: str) -> list[Shown]:
    return [one for one in tests if (one.fault, one.flow) == (fault, flow)]


if __name__ == "__main__":
    sys.stdout.write(page(shown()))
