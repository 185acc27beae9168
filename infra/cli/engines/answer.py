"""What an engine answers: names of columns, and rows that come as they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Row: TypeAlias = tuple[object, ...]


class Work(Protocol):
    """What an answer took: all of it once its rows are read. Athena tells of no files."""

    @property
    def bytes(self) -> int: ...

    @property
    def files(self) -> int | None: ...

    @property
    def seconds(self) -> float: ...


@dataclass(frozen=True)
class Answer:
    """Rows can be gone through once."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    work: Work | None = None


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """JSON has room for each name once: a, a, b becomes a, a_2, b."""
    taken: dict[str, None] = {}
    for name in names:
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{name}_{number}"
        taken[free] = None
    return tuple(taken)
