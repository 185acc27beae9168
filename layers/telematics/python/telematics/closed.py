"""People whose data may not be kept, as whoever writes looks for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from telematics import people
from telematics.datasets import PERSON
from telematics.people import Identity
from telematics.users.gate import Gate
from telematics.users.user import Status

BLOCKED = "blocked"  # why nothing was asked for, and no row kept
ABOUT = "trip"  # the member in which our own envelopes say what an answer is about
_PROBE = "somebody"


def _unhashed(provider: str, id: str) -> str:
    raise AssertionError("nobody is closed, so nobody is looked for")


@dataclass(frozen=True)
class Closed:
    """By one look at the gate, which stays the same however long it takes to use it."""

    marks: Mapping[str, Status] = field(default_factory=dict)
    hashed: Callable[[str, str], str] = _unhashed

    @classmethod
    def now(cls, gate: Gate) -> Self:
        fresh = gate.refreshed()
        return cls(fresh.marks, fresh.hashed)

    @property
    def for_good(self) -> Self:
        """Only those who are erased, or about to be: of who is blocked, what is there stays."""
        gone = {hash: one for hash, one in self.marks.items() if one is not Status.BLOCKED}
        return type(self)(gone, self.hashed)

    @property
    def is_empty(self) -> bool:
        return not self.marks

    def lacks_any(self, newer: Self) -> bool:
        """Whether somebody was closed since, or for good."""
        return not (
            newer.marks.keys() <= self.marks.keys()
            and newer.for_good.marks.keys() <= self.for_good.marks.keys()
        )

    def has(self, identity: Identity) -> bool:
        return bool(self.marks) and self.hashed(*identity) in self.marks

    def named(self, identity: Identity) -> str | None:
        """As whom they are accounted for: their hash."""
        hash = self.hashed(*identity) if self.marks else ""
        return hash if hash in self.marks else None

    def mentioned(self, content: bytes) -> str | None:
        """Hashes are of whole names: nobody is found in the middle of a text."""
        return None

    def may_be_in(self, content: bytes) -> bool:
        return bool(self.marks)


def whose(provider: str, column: str) -> str | None:
    """Whose name for somebody it is that a column of a provider's table holds."""
    if column == PERSON:
        return provider
    found = people.person(provider, column, _PROBE)
    return found.provider if found else None


def is_about_closed(gate: Gate, provider: str, key: str) -> bool:
    """Whether what our envelopes would call by that key is about somebody behind the gate."""
    identity = people.person(provider, ABOUT, key)
    return identity is not None and gate.closed(*identity) is not None
