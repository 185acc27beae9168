"""`make bench`: how fast and how small things are, beside other ways to do them.

Offloads are loaded, each engine in a process of its own; webhooks are checked; answers of 4 MB that
we are called back with become tables; people are erased, one or a thousand in a pass; days of the
lake are rewritten; functions start; a month is queried; and what is to be reached is told beside
what is.
Everything runs on one core, in turn, several times; ratios are to the floor of the same round, so
that a machine that slows down slows both. The floor of an offload is ISA-L's decompression of the
same file, that of a webhook HMAC and orjson alone, that of an answer orjson alone, that of a
thousand erasures a single one, that of a day pyarrow alone, and that of a function one that does
nothing.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from infra import arrow
from infra.cli import console
from infra.costs.bill import bill, total
from infra.costs.measured import Measured as Units
from infra.costs.use import Use
from infra.costs.work import Work
from infra.stages import STAGES
from tests.benchmarks import targets
from tests.benchmarks.cold_start import EMPTY

FOLDER = Path("build/benchmarks")
LAYERS = Path("build/layers/aws")
OTHERS = ("pyarrow", "duckdb", "pandas")
OTHERS_NESTED = ("pyarrow_json", "duckdb_json", "pandas_json")
SLOW, SLOW_MEGABYTES = "dlt", 20  # dozens of times slower than others: of a small file
NESTED_MEGABYTES = 200
VERBS = (EMPTY, "receive_webhook")
PASSES = (1, 1_000)  # people in a pass of erasures
DAYS = (("many",), ("large", "250"))  # megabytes
USERS = (0, 10_000, 100_000, 1_000_000)
STARTS = 10  # of each function: they are quick, and no two are alike
Row = dict[str, object]


@dataclass(frozen=True)
class Measured:
    """One run. Seconds are the processor's."""

    seconds: float
    peak_megabytes: float


def run(engine: str, file: Path) -> Measured:
    found = said("engines", engine, str(file))
    return Measured(found["processor_seconds"], found["peak_megabytes"])


def said(module: str, *arguments: str) -> dict[str, float]:
    """What one of our own modules measured in a process of its own."""
    numbers: dict[str, float] = said_of(module, *arguments)
    return numbers


def said_of(module: str, *arguments: str) -> Any:  # Any: JSON
    """Ours runs as it is deployed."""
    is_ours = module != "engines" or arguments[0] == "convert"
    answer = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
        env={**os.environ, **(arrow.ENVIRONMENT if is_ours else {})},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout.splitlines()[-1])


def offload(megabytes: int, *, bad: bool) -> Path:
    """Made by a process of its own, so that this one stays small; kept for the next time."""
    file = FOLDER / f"transports-{megabytes}{'-bad' if bad else ''}.csv.gz"
    if not file.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        flags = ["--bad"] if bad else []
        subprocess.run(  # noqa: S603  # our own module
            [sys.executable, "-m", "tests.benchmarks.offload_file", str(megabytes), part, *flags],
            check=True,
        )
        part.rename(file)
    return file


def insights(megabytes: int) -> Path:
    """Likewise, of nested lines."""
    file = FOLDER / f"insights-{megabytes}.json.gz"
    if not file.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        subprocess.run(  # noqa: S603  # our own module
            [sys.executable, "-m", "tests.benchmarks.insights_file", str(megabytes), part],
            check=True,
        )
        part.rename(file)
    return file


def rounds(
    engines: tuple[str, ...], file: Path, megabytes: int, count: int
) -> dict[str, list[Measured]]:
    """Every engine once in each round, the floor first."""
    found: dict[str, list[Measured]] = {engine: [] for engine in ("floor", *engines)}
    for number in range(1, count + 1):
        for engine, runs in found.items():
            console.remark(f"{megabytes} MB, round {number} of {count}: {engine}")
            runs.append(run(engine, file))
    return found


def rows(found: dict[str, list[Measured]], megabytes: int) -> list[Row]:
    floors = [one.seconds for one in found["floor"]]
    return [
        {
            "engine": engine,
            "plain_mb": megabytes,
            "cpu_seconds": round(median(one.seconds for one in runs), 2),
            "ratio_to_floor": ratio([one.seconds for one in runs], floors),
            "peak_mb": round(median(one.peak_megabytes for one in runs)),
        }
        for engine, runs in found.items()
    ]


def offloads(size: int, count: int) -> list[Row]:
    result: list[Row] = []
    for megabytes in (size // 4, size, size * 2):
        found = rounds(("convert",), offload(megabytes, bad=True), megabytes, count)
        result += rows(found, megabytes)
    for engines, megabytes in ((OTHERS, size), ((SLOW,), SLOW_MEGABYTES)):
        found = rounds(engines, offload(megabytes, bad=False), megabytes, count)
        result += rows(found, megabytes)[1:]
    return result


def nested(count: int) -> list[Row]:
    file, engines = insights(NESTED_MEGABYTES), ("convert", *OTHERS_NESTED)
    return rows(rounds(engines, file, NESTED_MEGABYTES, count), NESTED_MEGABYTES)


def queries() -> list[Row]:
    """Bytes are the same each time: once is enough."""
    console.remark("a month of a million trips, and a day in 10,000 files")
    found: list[dict[str, object]] = [*said_of("queries", "month"), *said_of("queries", "files")]
    return [
        {
            "query": one["query"],
            "read_mb": round(float(str(one["megabytes"])), 2),
            "files": one.get("files", ""),
            "cpu_seconds": round(float(str(one.get("seconds", 0))), 2),
        }
        for one in found
    ]


def layers() -> list[Row]:
    """As `make layers` has built them; none where it has not."""
    sizes = {
        one.name: sum(file.stat().st_size for file in one.rglob("*") if file.is_file()) / 1e6
        for one in sorted(LAYERS.iterdir() if LAYERS.exists() else ())
        if one.is_dir()
    }
    if not sizes:
        console.remark("no layers are built: `make layers` builds them")
        return []
    sizes["together"] = sum(sizes.values())
    return [{"layer": name, "mb": round(size, 1)} for name, size in sizes.items()]


def costs() -> list[Row]:
    """With what one unit of work was measured to take: see `tests.benchmarks.units`."""
    measured, waits = Units.read(), STAGES["aws"].merging_waits_seconds
    return [
        {"users": users, "usd_a_month": round(total(bill(Work(Use.of(users), measured, waits))), 2)}
        for users in USERS
    ]


def webhooks(count: int) -> list[Row]:
    found = []
    for number in range(1, count + 1):
        console.remark(f"webhook of 1000 items, round {number} of {count}")
        found.append(said("webhooks"))
    return [
        {
            "webhook": engine,
            "ms": round(median(one[engine] for one in found), 3),
            "ratio_to_floor": ratio(
                [one[engine] for one in found], [one["floor"] for one in found]
            ),
        }
        for engine in found[0]
    ]


def callbacks(count: int) -> list[Row]:
    """Of each step, those before it included."""
    found: dict[str, list[dict[str, float]]] = {step: [] for step in ("floor", "flatten", "load")}
    for number in range(1, count + 1):
        for step, runs in found.items():
            console.remark(f"answer of 4 MB, round {number} of {count}: {step}")
            runs.append(said("callbacks", step))
    times = {step: [one["milliseconds"] for one in runs] for step, runs in found.items()}
    return [
        {
            "step": step,
            "ms": round(median(times[step]), 1),
            "ratio_to_floor": ratio(times[step], times["floor"]),
            "peak_mb": round(median(one["peak_megabytes"] for one in runs)),
        }
        for step, runs in found.items()
    ]


def erasures(count: int) -> list[Row]:
    """From a table of a million rows, its past included."""
    found: dict[int, list[dict[str, float]]] = {people: [] for people in PASSES}
    for number in range(1, count + 1):
        for people, runs in found.items():
            console.remark(f"erasure of {people}, round {number} of {count}")
            runs.append(said("erasures", str(people)))
    times = {people: [one["milliseconds"] for one in runs] for people, runs in found.items()}
    return [
        {
            "people": people,
            "ms": round(median(times[people])),
            "ms_of_rows": round(median(one["rows_milliseconds"] for one in runs)),
            "ratio_to_one": ratio(times[people], times[PASSES[0]]),
            "peak_mb": round(median(one["peak_megabytes"] for one in runs)),
        }
        for people, runs in found.items()
    ]


def tending(count: int) -> list[Row]:
    """Of a day in 10,000 files, and of a large one."""
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    for number in range(1, count + 1):
        for shape in DAYS:
            for engine in ("plain", "tend"):
                console.remark(f"day of {' '.join(shape)}, round {number} of {count}: {engine}")
                runs = found.setdefault((shape[0], engine), [])
                runs.append(said("tending", engine, *shape))
    return [
        {
            "day": f"{shape}, {engine}",
            "mb": round(median(one["megabytes"] for one in runs)),
            "seconds": round(median(one["seconds"] for one in runs), 1),
            "cpu_seconds": round(median(one["processor_seconds"] for one in runs), 1),
            "ratio_to_plain": ratio(
                [one["processor_seconds"] for one in runs],
                [one["processor_seconds"] for one in found[shape, "plain"]],
            ),
            "peak_mb": round(median(one["peak_megabytes"] for one in runs)),
            "one_person_mb": round(median(one["one_person_megabytes"] for one in runs), 2),
        }
        for (shape, engine), runs in found.items()
    ]


def cold_starts() -> list[Row]:
    """The first start of each writes its bytecode, and is not counted."""
    found: dict[str, list[dict[str, float]]] = {verb: [] for verb in VERBS}
    for number in range(STARTS + 1):
        console.remark(f"cold starts, round {number} of {STARTS}")
        for verb, starts in found.items():
            starts.append(said("cold_start", verb))
    inits = {verb: [one["init_ms"] for one in starts[1:]] for verb, starts in found.items()}
    return [
        {
            "function": verb,
            "init_ms": round(median(inits[verb]), 1),
            "ratio_to_empty": ratio(inits[verb], inits[EMPTY]),
            "first_answer_ms": round(median(one["first_answer_ms"] for one in starts[1:]), 1),
        }
        for verb, starts in found.items()
    ]


def ratio(measured: Sequence[float], floors: Sequence[float]) -> float:
    return round(median(one / floor for one, floor in zip(measured, floors, strict=True)), 2)


TABLES = {
    "offloads": ("csv.gz", "csv MB>", "CPU s>", "x floor>", "peak MB>"),
    "nested": ("json.gz", "JSON MB>", "CPU s>", "x floor>", "peak MB>"),
    "webhooks": ("webhook", "ms>", "x floor>"),
    "callbacks": ("answer", "ms>", "x floor>", "peak MB>"),
    "erasures": ("people erased", "ms>", "of it rows>", "x one>", "peak MB>"),
    "tending": ("day", "MB>", "s>", "CPU s>", "x pyarrow>", "peak MB>", "one person MB>"),
    "cold_starts": ("function", "init ms>", "x empty>", "first answer ms>"),
    "queries": ("query", "MB read>", "files>", "CPU s>"),
    "layers": ("layer", "MB unzipped>"),
    "costs": ("users>", "USD a month>"),
}
JUDGED = ("target", "measured>", "at most>", "", "reached")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("what", nargs="*", help=f"of {', '.join(TABLES)}; all when not given")
    parser.add_argument("--megabytes", type=int, default=1000, help="csv before compression")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if unknown := set(arguments.what) - set(TABLES):
        parser.error(f"there is nothing to measure called {', '.join(sorted(unknown))}")
    measures = {
        "offloads": lambda: offloads(arguments.megabytes, arguments.rounds),
        "webhooks": lambda: webhooks(arguments.rounds),
        "callbacks": lambda: callbacks(arguments.rounds),
        "erasures": lambda: erasures(arguments.rounds),
        "tending": lambda: tending(arguments.rounds),
        "nested": lambda: nested(arguments.rounds),
        "cold_starts": cold_starts,
        "queries": queries,
        "layers": layers,
        "costs": costs,
    }
    result = {name: measures[name]() for name in arguments.what or TABLES}
    result["targets"] = targets.judged(result)
    if arguments.json:
        console.write_json(result)
        return
    for name, found in result.items():
        table = console.table(*(JUDGED if name == "targets" else TABLES[name]))
        for row in found:
            table.add_row(*(str(value) for value in row.values()))
        console.out().print(table)


if __name__ == "__main__":
    main()
