"""What a soak test finds, told as it goes, and whether all of it was as it should be."""

import time

from infra.cli import console


class Tally:
    """`failed` once anything was not as expected."""

    def __init__(self) -> None:
        self.failed = False

    def expect(self, what: str, found: object, expected: object) -> None:
        self.judge(what, found, found == expected, f"not {expected}")

    def expect_below(self, what: str, found: float, limit: float) -> None:
        self.judge(what, found, found < limit, f"not below {limit}")

    def judge(self, what: str, found: object, is_right: bool, otherwise: str) -> None:
        self.failed = self.failed or not is_right
        self.tell(f"  {what}: {found}" + ("" if is_right else f", {otherwise}"))

    def tell(self, text: str, begun: float | None = None) -> None:
        took = f": {time.monotonic() - begun:.0f} s" if begun is not None else ""
        console.out().print(f"{text}{took}", highlight=False)
