"""How long to wait before asking somebody again: each time longer, up to the longest."""

from collections.abc import Iterator
from dataclasses import dataclass

GROWTH = 1.5


@dataclass(frozen=True)
class Waits:
    """Each longer than the one before, up to the longest."""

    first_seconds: int
    longest_seconds: int

    def after(self, times: int, *, growth: float = GROWTH) -> int:
        """So many times before, it was in vain."""
        exponent = min(times, 64)  # which is beyond any longest wait, and still a number
        return max(1, min(int(self.first_seconds * growth**exponent), self.longest_seconds))

    def until(self, seconds: int) -> Iterator[int]:
        """All of them, until so much time has passed."""
        passed = times = 0
        while passed < seconds:
            wait = self.after(times)
            yield wait
            passed, times = passed + wait, times + 1
