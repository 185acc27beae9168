"""`make soak`: many at once, and for days, through the whole stack; and every one counted.

A sandbox of its own, which is removed again. Ends with 1 when a count is not what it should be.
Names of parts may be given: only these are run.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.integration.insurer import Insurer
from tests.sandbox.options import Options
from tests.sandbox.sandbox import Sandbox
from tests.soak import clips, collisions, killing, move, waiting
from tests.soak.tally import Tally

USERS = 50
PARTS: Mapping[str, Callable[[Insurer, Tally], None]] = {
    "clips": clips.run,
    "collisions": collisions.run,
    "killing": killing.run,
    "waiting": waiting.run,
    "move": move.run,
}


@contextmanager
def sandbox() -> Iterator[Insurer]:
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        started = Sandbox.start(Path(folder), Options(port=0, users=USERS, seed=7))
        try:
            yield Insurer(started)
        finally:
            started.stop()


def main(words: Sequence[str] = ()) -> int:
    if unknown := sorted(set(words) - PARTS.keys()):
        sys.stderr.write(f"no part is called {unknown[0]}: there are {', '.join(PARTS)}\n")
        return 2
    tally = Tally()
    with sandbox() as insurer:
        for name in words or PARTS:
            PARTS[name](insurer, tally)
        status = insurer.whole_status()
        dead = sum(queue["dead"] for queue in status["queues"].values())
        tally.expect("dead letters", dead, 0)
    return int(tally.failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
