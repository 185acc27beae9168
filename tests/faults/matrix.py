"""What may go wrong, and where: each pair has a test, or a reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What happens, and what is done about it."""

    title: str
    answer: str


FLOWS: Mapping[str, str] = {
    "sentiance": "Sentiance's offloads",
    "move": "MOVE's notifications",
    "dashcam": "dashcams' events and clips",
    "zendrive": "Zendrive's notifications and answers",
    "users": "users and erasures",
}

FAULTS: Mapping[str, Fault] = {
    "duplicate": Fault(
        "the same comes 46 times",
        "A key in raw is spelt from what it holds, the ledger lets an object be loaded once, and"
        " what is loaded again replaces itself.",
    ),
    "reorder": Fault(
        "it comes in any order",
        "The newest version of a thing wins by its natural key, whatever came first.",
    ),
    "replay": Fault(
        "it comes again after 25 hours",
        "Nothing relies on a window of time in which repeats are remembered: the same bytes are the"
        " same object for ever. An address that is used once answers 404 then.",
    ),
    "crash": Fault(
        "a function dies between storing and loading",
        "Its lease ends, its message comes back after that, and what it had written is replaced"
        " by one commit.",
    ),
    "redrive": Fault(
        "messages end among the dead letters",
        "They wait there for two weeks. `telematics redrive` puts them back, and what was done"
        " already is not done twice.",
    ),
    "down": Fault(
        "a provider is out of reach for six hours",
        "Messages and machines outlast that; where a schedule asks, the next run asks for what is"
        " missing.",
    ),
    "full": Fault(
        "more waits than can be taken, or nothing is taken at all",
        "What was not taken stays where it is, and is worked off in parts.",
    ),
    "poison": Fault(
        "an object that nobody can read",
        "It costs itself: it is quarantined with its reason, or failed and fetched again; all"
        " others load.",
    ),
    "rotated": Fault(
        "a secret changes in the middle",
        "Two secrets count while one rotates; keys of ours are read again within seconds.",
    ),
    "clock": Fault(
        "a clock is wrong by six minutes",
        "No key and no version is spelt from our clock. Who takes a lease too early overwrites"
        " the same rows by the same ones.",
    ),
    "erasure": Fault(
        "somebody is erased while a backfill runs",
        "The gate is looked at once more before rows count; what slipped through is found by the"
        " next round, and nobody else loses a row.",
    ),
}

# Pairs that make no sense, and why.
NONE: Mapping[tuple[str, str], str] = {}
