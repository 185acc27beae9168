"""A large json.gz of nested lines, made fast: `python -m tests.benchmarks.insights_file 200 out`.

Drives as the simulator of Sentiance tells them, over and over, each with an id of its own.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from isal import igzip

from tests.unit import simulated_offloads

PEOPLE = 400
ID_BYTES = 32


def write(path: Path, megabytes: int) -> None:
    """So many million bytes before compression; the same ones every time."""
    random = np.random.default_rng(1)
    drives = simulated_offloads.taken(simulated_offloads.shelf(users=PEOPLE), "driving_insights")[1]
    lines = [line.encode() for line in simulated_offloads.text(drives).splitlines()]
    ids = [json.loads(line)["event_id"].encode() for line in lines]
    written = 0
    with igzip.open(path, "wb", compresslevel=1) as file:  # type: ignore[no-untyped-call]  # isal
        while written < megabytes * 1_000_000:
            for line, id in zip(lines, ids, strict=True):
                made = line.replace(id, random.bytes(ID_BYTES).hex().encode()) + b"\n"
                file.write(made)
                written += len(made)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("megabytes", type=int)
    parser.add_argument("path", type=Path)
    arguments = parser.parse_args()
    write(arguments.path, arguments.megabytes)
