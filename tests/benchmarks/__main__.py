"""`make bench`: how fast and how small things are, beside other ways to do them.

Offloads are loaded, each engine in a process of its own; webhooks are checked; answers of 4 MB that
we are called back with become tables; people are erased, one or a thousand in a pass; days of the
lake are rewritten; functions start.
Everything runs on one core, in turn, several times; ratios are to the floor of the same round, so
that a machine that slows down slows both. The floor of an offload is ISA-L's decompression of the
same file, that of a webhook HMAC and orjson alone, that of an answer orjson alone, that of a
thousand erasures a single one, that of a day pyarrow alone, and that of a function one that does
nothing.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from infra.cli import console
from tests.benchmarks.cold_start import EMPTY

FOLDER = Path("build/benchmarks")
OTHERS = ("pyarrow", "duckdb", "pandas")
VERBS = (EMPTY, "receive_webhook")
PASSES = (1, 1_000)  # people in a pass of erasures
DAYS = (("many",), ("large", "250"))  # megabytes
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
    answer = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    numbers: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return numbers


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


def rounds(
    engines: tuple[str, ...], megabytes: int, count: int, *, bad: bool
) -> dict[str, list[Measured]]:
    """Every engine once in each round, the floor first."""
    file = offload(megabytes, bad=bad)
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
            "csv_mb": megabytes,
            "cpu_seconds": round(median(one.seconds for one in runs), 2),
            "ratio_to_floor": ratio([one.seconds for one in runs], floors),
            "peak_mb": round(median(one.peak_megabytes for one in runs)),
        }
        for engine, runs in found.items()
    ]


def offloads(size: int, count: int) -> list[Row]:
    result: list[Row] = []
    for megabytes in (size // 4, size, size * 2):
        found = rounds(("convert",), megabytes, count, bad=True)
        result += rows(found, megabytes)
    return result + rows(rounds(OTHERS, size, count, bad=False), size)[1:]


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
    "offloads": ("engine", "csv MB>", "CPU s>", "x floor>", "peak MB>"),
    "webhooks": ("webhook", "ms>", "x floor>"),
    "callbacks": ("answer", "ms>", "x floor>", "peak MB>"),
    "erasures": ("people erased", "ms>", "of it rows>", "x one>", "peak MB>"),
    "tending": ("day", "MB>", "s>", "CPU s>", "x pyarrow>", "peak MB>", "one person MB>"),
    "cold_starts": ("function", "init ms>", "x empty>", "first answer ms>"),
}


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
        "cold_starts": cold_starts,
    }
    result = {name: measures[name]() for name in arguments.what or TABLES}
    if arguments.json:
        console.write_json(result)
        return
    for name, found in result.items():
        table = console.table(*TABLES[name])
        for row in found:
            table.add_row(*(str(value) for value in row.values()))
        console.out().print(table)


if __name__ == "__main__":
    main()
