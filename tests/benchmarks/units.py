"""What one unit of work takes: `python -m tests.benchmarks.units infra/costs/measured.json`.

Files of a day of Sentiance, of some people and of many, are loaded; webhooks of MOVE, with few
items and with many, are taken in, asked about, and merged; an answer about a collision becomes
tables; days are tended. Everything on one core, on local files, as `telematics cost` wants it:
how much is there once, how much for each trip, and how much for each of its points. Requests are
counted, not estimated; seconds are the processor's.
"""

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import counting
from tests.benchmarks.counting import CountedWorld, counted
from tests.benchmarks.notified import Notified

if TYPE_CHECKING:
    from telematics.intake import Intake
    from telematics.raw import RawKey

PEOPLE = (50, 400)
ITEMS, POINTS = (30, 300), (10, 100)
ROUNDS = 3
ANSWER_BYTES = 4_100_000
FUNCTIONS = Path(__file__).parents[2] / "functions"
COMMAND = "python -m tests.benchmarks.units infra/costs/measured.json"
NAMES = ("seconds", "s3_puts", "s3_gets", "glue_requests", "dynamodb_reads", "dynamodb_writes")
Figures = dict[str, float]


def slope(few: Mapping[str, float], many: Mapping[str, float], of: str) -> tuple[Figures, Figures]:
    """Two measurements as a line: what there is once, and what there is for each `of`."""
    width = many[of] - few[of]
    each = {name: (many[name] - few[name]) / width for name in few if name != of}
    once = {name: max(0.0, few[name] - each[name] * few[of]) for name in each}
    return once, {name: max(0.0, value) for name, value in each.items()}


def medians(measure: Callable[[], Figures]) -> Figures:
    """Of a few rounds."""
    rounds = [measure() for _ in range(ROUNDS)]
    return {name: median(one.get(name, 0.0) for one in rounds) for name in (*NAMES, *rounds[0])}


def take(intake: "Intake", keys: Sequence["RawKey"]) -> None:
    from telematics.together import Batch

    batch = Batch.begin(intake, keys)
    if not all(batch.take(key) for key in keys):
        raise SystemExit("not all of it was loaded")


def offloads(people: int) -> Figures:
    """All files of one day: `points` are those of trajectories, `trips` those of transports."""
    from telematics.raw import RawKey
    from tests.unit import simulated_offloads

    shelf = simulated_offloads.shelf(users=people)
    files = {name: simulated_offloads.taken(shelf, name) for name in simulated_offloads.NAMES}
    points = simulated_offloads.text(files["trajectories"][1]).count("latitude")

    def measure() -> Figures:
        with tempfile.TemporaryDirectory() as folder:
            place = CountedWorld(Path(folder))
            formats = {
                name: simulated_offloads.edition(shelf, name).layout.format for name in files
            }
            for turn in range(2):  # the first makes the tables
                for name, (_, body) in files.items():
                    key = RawKey(
                        "sentiance", name, simulated_offloads.DAY, f"{turn}", formats[name]
                    )
                    place.world.put(key, body)
                before = place.stored()
                with counted() as found:
                    take(place.world.intake, place.world.s3.heard())
            found["lake_bytes"] = place.stored() - before
        return found

    found = medians(measure)
    of_points = len(files["trajectories"][1])
    return {
        **found,
        "files": len(files),
        "trips": files["transports"][0].rows,
        "points": points,
        "raw_bytes": sum(len(body) for _, body in files.values()),
        "raw_bytes_of_points": of_points,
    }


def notified(items: int, points: int) -> dict[str, Figures]:
    """One webhook: received, enriched, merged."""
    steps: dict[str, list[Figures]] = {"received": [], "enriched": [], "merged": []}
    with tempfile.TemporaryDirectory() as folder:
        place = CountedWorld(Path(folder))
        for number in range(ROUNDS + 1):
            one = Notified(place.world, items=items, points=points, number=number)
            before = place.stored()
            for step, run in (
                ("received", one.receive),
                ("enriched", one.enrich),
                ("merged", one.merge),
            ):
                with counted() as found:
                    run()
                steps[step].append({**dict.fromkeys(NAMES, 0.0), **found})
            steps["received"][-1]["bytes"] = one.received_bytes
            steps["enriched"][-1] |= {"bytes": one.enriched_bytes, "plain_bytes": one.plain_bytes}
            steps["merged"][-1]["lake_bytes"] = place.stored() - before
    return {
        step: {name: median(one[name] for one in runs[1:]) for name in runs[0]}
        for step, runs in steps.items()
    }


def move() -> dict[str, Figures]:
    """Once for each webhook, for each item, and for each point; half of the items are drives."""
    few, many = (notified(items, POINTS[0]) for items in ITEMS)
    long = notified(ITEMS[1], POINTS[1])
    found: dict[str, Figures] = {}
    for step in many:
        small, large = (
            {"items": items, **one[step]} for items, one in zip(ITEMS, (few, many), strict=True)
        )
        found[step], found[f"{step}_item"] = slope(small, large, "items")
        drives = ITEMS[1] / 2
        _, found[f"{step}_point"] = slope(
            {"points": drives * POINTS[0], **many[step]},
            {"points": drives * POINTS[1], **long[step]},
            "points",
        )
        for name, value in found[f"{step}_point"].items():
            found[f"{step}_item"][name] = max(
                0.0, found[f"{step}_item"][name] - value * POINTS[0] / 2
            )
    return found


def sentiance() -> dict[str, Figures]:
    """Once for each day, and for each trip with as many points as the simulator gives it."""
    few, many = (offloads(people) for people in PEOPLE)
    once, each = slope(few, many, "trips")
    # Requests come with files: of more trips there are only larger ones.
    day = {name: once[name] for name in NAMES} | {"files": many["files"]}
    growing = ("seconds", "lake_bytes", "raw_bytes", "raw_bytes_of_points", "points")
    return {"offload_day": day, "offload_trip": {name: each[name] for name in growing}}


def tending() -> Figures:
    from tests.benchmarks.tending import measure

    found = measure("tend", 100)
    return {"seconds_per_megabyte": found["processor_seconds"] / found["megabytes"]}


def callback() -> Figures:
    from tests.benchmarks.callbacks import measure

    return {"seconds": measure("load")["milliseconds"] / 1000, "bytes": ANSWER_BYTES}


def told() -> Figures:
    """Metrics of our own, of functions whose work never ends; and what a call of one logs."""
    always = ("convert", "enrich", "receive_webhook")
    names = {
        (verb, name)
        for verb in always
        for name in re.findall(r'metric\(\s*"(\w+)"', (FUNCTIONS / f"{verb}.py").read_text())
    }
    return {"metrics": len(names)}


def idle() -> list[dict[str, object]]:
    from dataclasses import asdict

    from infra.prices import idle_bill
    from infra.synthesis import synthesize

    with tempfile.TemporaryDirectory() as folder:
        bill = idle_bill(synthesize("aws", Path(folder)).stacks[0].template)
    return [{**asdict(line), "usd": line.usd} for line in bill]


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    counting.asked.clear()
    found = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "command": COMMAND,
        "idle": idle(),
        "figures": {
            **sentiance(),
            **move(),
            "callback": callback(),
            "tending": tending(),
            "told": told(),
        },
    }
    Path(sys.argv[1]).write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
