"""Serve the simulator on loopback, until it is told to stop."""

import sys
from collections.abc import Sequence

from tests.sandbox.simulators import serving
from tests.sandbox.simulators.zendrive import app
from tests.sandbox.simulators.zendrive.settings import Settings

DEFAULTS = Settings()
EXAMPLES = """examples:
  python -m tests.sandbox.simulators.zendrive --port 4567 --users 1000 --seed 7
  curl -d '{"driver": "driver-0001"}' http://127.0.0.1:4567/_simulator/crash
      a crash, now; it answers the driver's id here, and the date to ask for
  curl -d '{"fault": "never", "driver": "driver-0002"}' http://127.0.0.1:4567/_simulator/faults
      what is asked about that driver is accepted, and never answered
"""


def main(words: Sequence[str] | None = None) -> int:
    parser = serving.parser(
        "zendrive",
        simulates="Zendrive",
        examples=EXAMPLES,
        seed=DEFAULTS.seed,
        users=DEFAULTS.users,
        first_day=DEFAULTS.first_day,
    )
    asked = parser.parse_args(words)
    settings = Settings(seed=asked.seed, users=asked.users, first_day=asked.first_day)
    return serving.serve(lambda: app.create(settings), asked.port)


if __name__ == "__main__":
    sys.exit(main())
