"""A large transports offload, made fast: `python -m tests.benchmarks.offload_file 1000 out.csv.gz`.

21 columns as the reference describes them: ids that hardly repeat, local times, scores. With
`--bad`, one row in a thousand is bad: half have cells missing, half a word where a number belongs.
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from isal import igzip
from pyarrow import csv

ROWS_PER_BLOCK = 50_000
ROWS_PER_BAD_ONE = 1_000
MIDNIGHT = 1_685_836_800
SCORES = (
    *("smooth", "legal", "anticipative", "focus", "mounted", "attention"),
    *("hard_events", "hard_accel", "hard_brake", "hard_turn"),
)


def write(path: Path, megabytes: int, *, bad: bool = False) -> None:
    """A csv.gz of that many million bytes before compression; the same ones every time."""
    random = np.random.default_rng(1)
    users = hex_ids(random, 2_000, 12)
    written = 0
    with igzip.open(path, "wb", compresslevel=1) as file:  # type: ignore[no-untyped-call]  # isal
        while written < megabytes * 1_000_000:
            block = as_csv(rows(random, users), header=written == 0)
            if bad:
                block = _spoilt(block)
            file.write(block)
            written += len(block)


def rows(random: np.random.Generator, users: pa.Array, count: int = ROWS_PER_BLOCK) -> pa.Table:
    starts = random.integers(0, 86_400, count) + MIDNIGHT
    durations = random.integers(60, 7_200, count)
    people = random.integers(0, len(users), count)
    modes = pa.array(["car", "train", "bus", "walking", "biking"])
    return pa.table(
        {
            "user_id": users.take(pa.array(people)),
            "metadata_user_id": _joined("driver-", pa.array(people)),
            "start": _local(starts),
            "end": _local(starts + durations),
            "mode": modes.take(pa.array(random.integers(0, 5, count))),
            "distance": pa.array(durations * 12),
            "duration": pa.array(durations),
            "event_id": hex_ids(random, count, 32),
            "session_id": hex_ids(random, count, 16),
            "occupant_role": pa.array(["DRIVER", "PASSENGER"]).take(
                pa.array(random.integers(0, 2, count))
            ),
            "top_speed": pa.array(np.round(random.random(count) * 40, 1)),
            **{score: _score(random, count) for score in SCORES},
        }
    )


def hex_ids(random: np.random.Generator, count: int, size: int) -> pa.Array:
    digits = np.frombuffer(random.bytes(count * size).hex().encode(), dtype=f"S{size * 2}")
    return pa.array(digits, pa.binary()).cast(pa.string())


def _local(seconds: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Array:
    instants = pa.array(seconds).cast(pa.timestamp("s"))
    return _joined(pc.strftime(instants, "%Y-%m-%dT%H:%M:%S"), "+02:00")


def _score(random: np.random.Generator, count: int) -> pa.Array:
    """Six decimals; -1 for one in twenty, as where there is not enough data."""
    decimals = pc.utf8_lpad(
        pa.array(random.integers(0, 1_000_000, count)).cast(pa.string()), 6, "0"
    )
    return pc.if_else(pa.array(random.random(count) < 0.05), "-1", _joined("0.", decimals))


def _joined(*parts: str | pa.Array) -> pa.Array:
    texts = [part if isinstance(part, str) else part.cast(pa.string()) for part in parts]
    return pc.binary_join_element_wise(*texts, "")


def as_csv(rows: pa.Table, *, header: bool, quoted: bool = False) -> bytes:
    sink = pa.BufferOutputStream()
    style = "needed" if quoted else "none"
    csv.write_csv(rows, sink, csv.WriteOptions(include_header=header, quoting_style=style))
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]  # pyarrow has no types


def _spoilt(block: bytes) -> bytes:
    lines = block.split(b"\n")
    for number in range(ROWS_PER_BAD_ONE // 2, len(lines) - 1, ROWS_PER_BAD_ONE):
        wrong_number = number // ROWS_PER_BAD_ONE % 2
        lines[number] = (
            lines[number].replace(b",0.", b",nought.", 1) if wrong_number else b"cells,are,missing"
        )
    return b"\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("megabytes", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--bad", action="store_true")
    arguments = parser.parse_args()
    write(arguments.path, arguments.megabytes, bad=arguments.bad)
