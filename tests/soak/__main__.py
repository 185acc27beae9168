"""`make soak`: many at once, and for days, through the whole stack; and every one counted.

A sandbox of its own, which is removed again. Ends with 1 when a count is not what it should be.
Names of parts may be given: only these are run. `--minutes 2` shortens the half hour of `faults`.
`month` has a sandbox of its own and runs by its name only; `--users 50 --days 5` make it smaller.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from tests.integration.insurer import Insurer
from tests.sandbox.options import Options
from tests.sandbox.sandbox import Sandbox
from tests.soak import clips, collisions, faults, killing, move, waiting
from tests.soak.month import month
from tests.soak.tally import Tally

USERS = 50
Part: TypeAlias = Callable[[Insurer, Tally], None]
PARTS: Mapping[str, Part] = {
    "clips": clips.run,
    "collisions": collisions.run,
    "killing": killing.run,
    "waiting": waiting.run,
    "move": move.run,
    "faults": faults.run,
}
MONTH = "month"


@contextmanager
def sandbox(users: int = USERS) -> Iterator[Insurer]:
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        started = Sandbox.start(Path(folder), Options(port=0, users=users, seed=month.SEED))
        try:
            yield Insurer(started)
        finally:
            started.stop()


def main(words: Sequence[str] = ()) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.soak")
    asked.add_argument("parts", nargs="*", metavar="PART", help=", ".join((*PARTS, MONTH)))
    asked.add_argument("--minutes", type=float, default=faults.MINUTES)
    asked.add_argument("--users", type=int, default=month.USERS)
    asked.add_argument("--days", type=int, default=month.DAYS)
    given = asked.parse_args(words)
    if unknown := sorted(set(given.parts) - {*PARTS, MONTH}):
        sys.stderr.write(
            f"no part is called {unknown[0]}: there are {', '.join((*PARTS, MONTH))}\n"
        )
        return 2
    parts: dict[str, Part] = {**PARTS, "faults": partial(faults.run, minutes=given.minutes)}
    tally = Tally()
    if usual := [parts[name] for name in given.parts or parts if name != MONTH]:
        carry_out(usual, tally, USERS)
    if MONTH in given.parts:
        carry_out([partial(month.run, users=given.users, days=given.days)], tally, given.users)
    return int(tally.failed)


def carry_out(parts: Sequence[Part], tally: Tally, users: int) -> None:
    with sandbox(users) as insurer:
        for run in parts:
            run(insurer, tally)
        status = insurer.whole_status()
        dead = sum(queue["dead"] for queue in status["queues"].values())
        tally.expect("dead letters", dead, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
