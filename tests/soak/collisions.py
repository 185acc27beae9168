"""Two hundred claims at once: callbacks in any order, some of them twice, some of them never."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.integration.claims import NEWS, Claims, Told
from tests.integration.insurer import Insurer
from tests.soak.tally import Tally
from tests.soak.waiting import tune

DRIVERS, CLAIMS_OF_EACH = 50, 4
DELAY_SECONDS, SPREAD_SECONDS = 5, 30
TWICE_EVERY, NEVER_EVERY = 5, 10
# An answer that a busy machine did not take in is not sent again: it is asked for again.
ANSWER_SECONDS, ASKS = "60", "3"
GPS_SECONDS = 60
WITHIN_SECONDS = 900
RECEIVED, UNANSWERED = NEWS


def run(insurer: Insurer, tally: Tally) -> None:
    claims, zendrive = Claims(insurer), insurer.zendrive
    tune(insurer, ZendriveAnswerSeconds=ANSWER_SECONDS, ZendriveMostAsks=ASKS)
    zendrive.told(
        "settings",
        delay_seconds=DELAY_SECONDS,
        spread_seconds=SPREAD_SECONDS,
        gps_seconds=GPS_SECONDS,
    )
    zendrive.misbehave(fault="twice", every=TWICE_EVERY, seconds=1)
    zendrive.misbehave(fault="never", every=NEVER_EVERY)
    before = len(zendrive.known()["asked"])
    wanted = prepared(claims)
    begun = time.monotonic()
    with claims.listening() as news:
        asked = claims.ask(wanted)
        tally.tell(f"{len(asked)} claims asked for", begun)
        ended = claims.ended(asked, within_seconds=WITHIN_SECONDS)
        heard = news.heard()
    insurer.wait_until_idle()
    zendrive.behave()
    tally.tell("all of them ended, and loaded", begun)
    judge(tally, claims, before, ended, heard)


def prepared(claims: Claims) -> list[tuple[str, str, str]]:
    """Each driver crashed a while ago, and several people want to know about it."""
    wanted = []
    for number in range(1, DRIVERS + 1):
        driver, user = f"driver-{number:04}", f"soak-{number:04}"
        claims.add(user, driver)
        at = datetime.now(UTC) - timedelta(days=3, minutes=number)
        crash = claims.insurer.zendrive.crash(driver, at=int(at.timestamp()))
        wanted += [(user, str(crash["date"]), f"claim {one}") for one in range(CLAIMS_OF_EACH)]
    return wanted


def judge(
    tally: Tally,
    claims: Claims,
    before: int,
    ended: Sequence[Told],
    heard: Counter[tuple[str, str, str]],
) -> None:
    truth = claims.insurer.zendrive.known()
    asked = truth["asked"][before:]
    copies = Counter(len(one["callbacks"]) for one in asked)
    tally.tell(f"  questions: {len(asked)}; by their callbacks: {dict(sorted(copies.items()))}")
    answers = Counter(one["answer"] for each in asked for one in each["callbacks"])
    tally.tell(f"  answers to callbacks: {dict(answers)}")
    tally.expect("answers to an address that was none any more", answers["404"], 0)
    told = {one["collision_id"]: one for one in ended}
    tally.expect("different ones", len(told), len(ended))
    silent = {one["question"] for one in asked} - {
        one["question"] for one in asked if one["callbacks"]
    }
    never = CLAIMS_OF_EACH * len(silent)
    tally.expect("never answered", never, len(ended) // NEVER_EVERY)
    states = Counter(one["state"] for one in ended)
    right = {"received": len(ended) - never, "unanswered": never}
    tally.expect("states", dict(sorted(states.items())), right)
    wanted = Counter(
        (id, RECEIVED if one["state"] == "received" else UNANSWERED, one["state"])
        for id, one in told.items()
    )
    tally.expect("events told exactly once", (heard == wanted), True)
    for table, count in truth["tables"].items():
        tally.expect(f"zendrive_{table}", claims.insurer.count(f"zendrive_{table}"), count)
