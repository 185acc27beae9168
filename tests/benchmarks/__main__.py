"""`make bench`: how fast and how small the loading of an offload is, beside other engines.

Each engine runs in a process of its own, on one core, in turn, several times; ratios are to ISA-L's
decompression of the same file in the same round, so that a machine that slows down slows both.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from infra.cli import console

FOLDER = Path("build/benchmarks")
OTHERS = ("pyarrow", "duckdb", "pandas")


@dataclass(frozen=True)
class Measured:
    """One run. Seconds are the processor's."""

    seconds: float
    peak_megabytes: float


def run(engine: str, file: Path) -> Measured:
    answer = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", "tests.benchmarks.engines", engine, str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(answer.stdout.splitlines()[-1])
    return Measured(found["processor_seconds"], found["peak_megabytes"])


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


def rows(found: dict[str, list[Measured]], megabytes: int) -> list[dict[str, object]]:
    floors = found["floor"]
    return [
        {
            "engine": engine,
            "csv_mb": megabytes,
            "cpu_seconds": round(median(one.seconds for one in runs), 2),
            "ratio_to_floor": round(
                median(
                    one.seconds / floor.seconds for one, floor in zip(runs, floors, strict=True)
                ),
                2,
            ),
            "peak_mb": round(median(one.peak_megabytes for one in runs)),
        }
        for engine, runs in found.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000, help="csv before compression")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    size = arguments.megabytes
    result: list[dict[str, object]] = []
    for megabytes in (size // 4, size, size * 2):
        found = rounds(("convert",), megabytes, arguments.rounds, bad=True)
        result += rows(found, megabytes)
    result += rows(rounds(OTHERS, size, arguments.rounds, bad=False), size)[1:]
    if arguments.json:
        console.write_json(result)
        return
    table = console.table("engine", "csv MB>", "CPU s>", "x floor>", "peak MB>")
    for row in result:
        table.add_row(*(str(value) for value in row.values()))
    console.out().print(table)


if __name__ == "__main__":
    main()
