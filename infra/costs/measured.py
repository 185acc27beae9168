"""What one unit of work takes, as a benchmark wrote it down."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

FILE = Path(__file__).with_name("measured.json")
NOTHING: Mapping[str, float] = {}


@dataclass(frozen=True)
class Idle:
    """A line of the bill of a month in which nothing happens."""

    resource: str
    count: int
    each_usd: float
    usd: float


@dataclass(frozen=True)
class Measured:
    """`figures` by what was done, once or for each of something."""

    measured_on: str
    command: str
    idle: tuple[Idle, ...]
    figures: Mapping[str, Mapping[str, float]]

    @classmethod
    def read(cls, file: Path = FILE) -> Self:
        told = json.loads(file.read_text(encoding="utf-8"))
        idle = tuple(
            Idle(one["resource"], one["count"], one["each_usd"], one["usd"]) for one in told["idle"]
        )
        return cls(told["measured_on"], told["command"], idle, told["figures"])

    def of(self, what: str, name: str) -> float:
        """What was never asked for is none."""
        return self.figures[what].get(name, 0.0)
