"""A hundred clips at once: each ends as its device makes it, and nobody is asked twice."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.integration.footage import KINDS, Crowd
from tests.integration.insurer import Insurer
from tests.soak.tally import Tally

CLIPS, DRIVERS = 100, 50
AGAIN = 20  # of them are asked for once more, by somebody else
WITHIN_SECONDS = 600
PATIENCE_SECONDS = 90.0


def run(insurer: Insurer, tally: Tally) -> None:
    begun = time.monotonic()
    day = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    crowd = Crowd(insurer, PATIENCE_SECONDS)
    wanted = crowd.wanted(CLIPS, day, drivers=DRIVERS)
    crowd.prepare(wanted)
    url = insurer.whole_status()["webhooks"]["dashcam/messages"]
    insurer.dashcam.told("webhook", url=url, types=["TASK_UPDATE"])
    asked, again = crowd.ask(wanted, twice=AGAIN)
    crowd.turn_back_on(wanted)
    ended = crowd.ended(asked, within_seconds=WITHIN_SECONDS)
    insurer.dashcam.deaf()
    tally.tell(f"{CLIPS} clips at once, {AGAIN} of them asked for twice", begun)
    tally.expect("different ones", len({one["clip_id"] for one in asked}), CLIPS)
    joined = sum(one["joined"] for one in (*asked, *again))
    tally.expect("joined", joined, AGAIN)
    for kind, meant in KINDS.items():
        found = Counter(
            clip["state"] for one, clip in zip(wanted, ended, strict=True) if one.kind == kind
        )
        tally.expect(kind, dict(found), {meant.end: sum(found.values())})
    tasks = crowd.tasks()
    doubled = [
        one.footage
        for one, clip in zip(wanted, ended, strict=True)
        if tasks[one.footage] != clip["asks"] or (one.kind[:4] != "busy" and clip["asks"] > 1)
    ]
    tally.expect("footage with two tasks of the provider", len(doubled), 0)
    tally.tell(f"  tasks that the provider was asked for: {tasks.total()}")
