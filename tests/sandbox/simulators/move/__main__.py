"""Serve the simulator on loopback, until it is told to stop."""

import sys
from collections.abc import Sequence

from tests.sandbox.simulators import serving
from tests.sandbox.simulators.move import app
from tests.sandbox.simulators.move.settings import Settings

DEFAULTS = Settings()
EXAMPLES = """examples:
  python -m tests.sandbox.simulators.move --port 4567 --users 1000 --seed 7
  curl -d '{"fault": "busy", "count": 2}' http://127.0.0.1:4567/_simulator/faults
      the next two requests are answered 429
  curl -d '{"timeline_url": "http://127.0.0.1:8080/", "from": "2023-06-04"}' \\
      http://127.0.0.1:4567/_simulator/notify
      what everybody did on that day is notified to that webhook
"""


def main(words: Sequence[str] | None = None) -> int:
    parser = serving.parser(
        "move",
        simulates="Dolphin MOVE",
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
