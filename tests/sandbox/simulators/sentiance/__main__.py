"""Serve the simulator on loopback, until it is told to stop."""

import sys
from collections.abc import Sequence

from tests.sandbox.simulators import serving
from tests.sandbox.simulators.sentiance import app
from tests.sandbox.simulators.sentiance.settings import Settings

DEFAULTS = Settings()
EXAMPLES = """examples:
  python -m tests.sandbox.simulators.sentiance
      50 people on any free port, which is printed
  python -m tests.sandbox.simulators.sentiance --port 4567 --users 1000 --seed 7
  curl -d '{"fault": "busy", "count": 2}' http://127.0.0.1:4567/_simulator/faults
      the next two requests are answered 429
  curl 'http://127.0.0.1:4567/_simulator/truth?from=2023-06-04&to=2023-06-05'
      what is in the files
"""


def main(words: Sequence[str] | None = None) -> int:
    parser = serving.parser(
        "sentiance",
        simulates="Sentiance's offloads",
        examples=EXAMPLES,
        seed=DEFAULTS.seed,
        users=DEFAULTS.users,
        first_day=DEFAULTS.first_day,
    )
    add = parser.add_argument
    add(
        "--link-seconds",
        type=serving.positive,
        default=DEFAULTS.link_seconds,
        help="how long a link is good (%(default)s)",
    )
    add("--read-key", default=DEFAULTS.read_key, help="may list offloads (%(default)s)")
    add("--url-key", default=DEFAULTS.url_key, help="may make links (%(default)s)")
    asked = parser.parse_args(words)
    settings = Settings(
        seed=asked.seed,
        users=asked.users,
        first_day=asked.first_day,
        link_seconds=asked.link_seconds,
        read_key=asked.read_key,
        url_key=asked.url_key,
    )
    return serving.serve(lambda: app.create(settings), asked.port)


if __name__ == "__main__":
    sys.exit(main())
