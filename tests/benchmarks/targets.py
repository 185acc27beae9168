"""What is to be reached, beside what was measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Row = dict[str, object]
Result = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Target:
    """`found` takes the figure out of a part's rows; `at_most` is to be reached."""

    name: str
    part: str
    unit: str
    at_most: float
    found: Callable[[Sequence[Row]], float]


def _of(where: Mapping[str, object], figure: str) -> Callable[[Sequence[Row]], float]:
    """The largest of those rows that say so."""

    def found(rows: Sequence[Row]) -> float:
        fitting = [one for one in rows if where.items() <= one.items()]
        return max(float(str(one[figure])) for one in fitting)

    return found


def _of_queries(rows: Sequence[Row]) -> float:
    """The largest of those of one day or one user."""
    asked = [one for one in rows if str(one["query"]).startswith(("a day:", "a day of", "a user"))]
    return max(float(str(one["read_mb"])) for one in asked)


TARGETS = (
    Target(
        "csv.gz loaded", "offloads", "x floor", 4.5, _of({"engine": "convert"}, "ratio_to_floor")
    ),
    Target("its peak memory", "offloads", "MB", 220, _of({"engine": "convert"}, "peak_mb")),
    Target(
        "json.gz loaded", "nested", "x floor", 5.5, _of({"engine": "convert"}, "ratio_to_floor")
    ),
    Target("its peak memory", "nested", "MB", 220, _of({"engine": "convert"}, "peak_mb")),
    Target(
        "webhook checked",
        "webhooks",
        "x floor",
        1.0,
        _of({"webhook": "receive_webhook"}, "ratio_to_floor"),
    ),
    Target(
        "answer to tables", "callbacks", "x floor", 3.5, _of({"step": "flatten"}, "ratio_to_floor")
    ),
    Target(
        "cold start",
        "cold_starts",
        "x empty",
        7.0,
        _of({"function": "receive_webhook"}, "ratio_to_empty"),
    ),
    Target("query of a day or user", "queries", "MB", 10.0, _of_queries),
    Target(
        "files of a tended day",
        "queries",
        "files",
        10,
        _of({"query": "the same day, tended"}, "files"),
    ),
    Target("layers together", "layers", "MB", 250, _of({"layer": "together"}, "mb")),
    Target("a million users", "costs", "USD", 300, _of({"users": 1_000_000}, "usd_a_month")),
    Target("nobody", "costs", "USD", 5, _of({"users": 0}, "usd_a_month")),
)


def judged(result: Result) -> list[Row]:
    """Of what was measured, whether it is what it is to be."""
    rows: list[Row] = []
    for one in TARGETS:
        if not result.get(one.part):
            continue
        found = one.found(result[one.part])
        rows.append(
            {
                "target": one.name,
                "measured": found,
                "at_most": one.at_most,
                "unit": one.unit,
                "is_reached": found <= one.at_most,
            }
        )
    return rows
