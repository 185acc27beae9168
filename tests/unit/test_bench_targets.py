"""What `make bench` is to reach: judged by what was measured, and by nothing else."""

from tests.benchmarks.targets import TARGETS, Row, judged

LOADS: list[Row] = [
    {"engine": "floor", "ratio_to_floor": 1.0, "peak_mb": 15},
    {"engine": "convert", "ratio_to_floor": 4.2, "peak_mb": 200},
    {"engine": "convert", "ratio_to_floor": 4.4, "peak_mb": 230},
    {"engine": "pandas", "ratio_to_floor": 9.0, "peak_mb": 900},
]
QUERIES: list[Row] = [
    {"query": "csv.gz", "read_mb": 400.0, "files": 30},
    {"query": "a day: trips_per_day", "read_mb": 1.5, "files": 2},
    {"query": "a user: data_footprint", "read_mb": 10.01, "files": 60},
    {"query": "a month: trips_per_day", "read_mb": 50.0, "files": 60},
    {"query": "a day in 10,000 files", "read_mb": 3.0, "files": 10_000},
    {"query": "the same day, tended", "read_mb": 1.0, "files": 1},
]


def reached(**parts: list[Row]) -> dict[tuple[object, object], object]:
    return {(one["target"], one["measured"]): one["is_reached"] for one in judged(parts)}


def test_the_worst_of_several_runs_counts() -> None:
    assert reached(offloads=LOADS) == {
        ("csv.gz loaded", 4.4): True,
        ("its peak memory", 230.0): False,
    }


def test_only_queries_of_a_day_or_a_user_are_to_be_small() -> None:
    assert reached(queries=QUERIES) == {
        ("query of a day or user", 10.01): False,
        ("files of a tended day", 1.0): True,
    }


def test_what_was_not_measured_is_not_judged() -> None:
    assert judged({}) == []
    assert judged({"layers": []}) == []


def test_every_target_names_a_part_that_can_be_measured() -> None:
    from tests.benchmarks.__main__ import TABLES

    assert {one.part for one in TARGETS} <= TABLES.keys()
