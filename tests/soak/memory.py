"""How much memory the functions' processes take, looked at while they work."""

import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

MB = 1 << 20
NAME = "AWS_LAMBDA_FUNCTION_NAME"
WARM_SECONDS = 60.0  # until then a process is still loading what it works with
FEWEST = 60  # looks, of which to speak of thirds


@dataclass
class Memory:
    """Of the process `pid`, which is the emulator's, and of the functions that run below it.

    `samples` have the mean of a function's processes each time somebody looked.
    """

    pid: int
    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    totals: list[float] = field(default_factory=list)
    emulator: list[float] = field(default_factory=list)

    def look(self) -> None:
        found = by_function(self.pid)
        for name, sizes in found.items():
            self.samples[name].append(statistics.fmean(sizes))
        self.totals.append(sum(sum(sizes) for sizes in found.values()))
        self.emulator.append(psutil.Process(self.pid).memory_info().rss / MB)

    def growth(self) -> Mapping[str, tuple[float, float]]:
        """MB in the first third and in the last, of each function that ran in both."""
        return {
            name: (statistics.median(first), statistics.median(last))
            for name, sizes in sorted(self.samples.items())
            if (first := third(sizes, 0)) and (last := third(sizes, 2))
        }


def third(sizes: Sequence[float], number: int) -> Sequence[float]:
    """One of the three parts; nothing of what was seen too seldom."""
    length = len(sizes) // 3 if len(sizes) >= FEWEST else 0
    return sizes[number * length : (number + 1) * length]


def by_function(pid: int) -> Mapping[str, Sequence[float]]:
    """MB of each process that is warm, by the function that it runs."""
    found: dict[str, list[float]] = defaultdict(list)
    begun_before = time.time() - WARM_SECONDS
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            name = process.environ().get(NAME)
            if name and process.create_time() < begun_before:
                found[name].append(process.memory_info().rss / MB)
    return found
