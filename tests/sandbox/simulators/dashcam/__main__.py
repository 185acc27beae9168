"""Serve the simulator on loopback, until it is told to stop."""

import sys
from collections.abc import Sequence

from tests.sandbox.simulators import serving
from tests.sandbox.simulators.dashcam import app
from tests.sandbox.simulators.dashcam.settings import Settings

DEFAULTS = Settings()
EXAMPLES = """examples:
  python -m tests.sandbox.simulators.dashcam --port 4567 --users 1000 --seed 7
  curl -d '{"driver": "driver-0001"}' http://127.0.0.1:4567/_simulator/crash
      an impact, now, and some seconds later its videos
  curl -d '{"history": [[0, 0], [1, 1], [2, 3, "D_E20003"]]}' \\
      http://127.0.0.1:4567/_simulator/clips
      the next clip that is asked for fails: the device is busy
"""


def main(words: Sequence[str] | None = None) -> int:
    parser = serving.parser(
        "dashcam",
        simulates="MiTAC VisionMax",
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
