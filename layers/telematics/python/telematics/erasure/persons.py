"""Who is to be erased, and how to find them: by name where names stand, and anywhere in bytes."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from ahocorasick_rs import BytesAhoCorasick

from telematics.people import Identity

# A shorter identifier is found in figures that have nothing to do with anybody. It is looked for
# where names stand only, and the receipt says so.
SHORTEST_SOUGHT = 6
LONGEST_BEFORE = 80
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_WORD = frozenset(one.encode() for one in _LETTERS)
_JOINING = (b"-", b".", b"@")  # within an id, as others have them
# What a trip of MOVE is called ends in its driver's id: a moment, and the product.
_TRIP = re.compile(rb"Z(?:\d{3})?-[^-\s\"]{1,60}-\Z")
# Signs that end in a letter or a figure as they are spelt in JSON, in a URL and in a trip's id.
_SPELT = re.compile(rb"(?:\\[bfnrt]|\\u[0-9a-fA-F]{4}|[%~][0-9a-fA-F]{2})\Z")


@dataclass(frozen=True)
class Person:
    """`subject` is who they are in everything that outlives them; `identities` has our own, too."""

    subject: str
    identities: frozenset[Identity]


@dataclass(frozen=True)
class Persons:
    """All of one pass."""

    people: tuple[Person, ...]

    def ids(self, provider: str) -> frozenset[str]:
        """What a provider calls them; for OURS, what we do."""
        return frozenset(one.id for one in self._by_identity if one.provider == provider)

    def named(self, identity: Identity) -> str | None:
        return self._by_identity.get(identity)

    def mentioned(self, content: bytes) -> str | None:
        return next(iter(self.mentions(content)), None)

    def mentions(self, content: bytes) -> Iterator[str]:
        """The subject of each identifier that stands in there as a word of its own."""
        found = self._words.find_matches_as_indexes(content, overlapping=True)
        for pattern, start, end in found:
            if _ends_word(content, end) and _begins_word(content, start):
                yield self._sought[pattern][1]

    def may_be_in(self, content: bytes) -> bool:
        return bool(self._anything.find_matches_as_indexes(content))

    @cached_property
    def _by_identity(self) -> dict[Identity, str]:
        return {one: person.subject for person in self.people for one in person.identities}

    @cached_property
    def _spelt(self) -> list[tuple[bytes, str]]:
        return sorted(
            {
                (spelling, subject)
                for identity, subject in self._by_identity.items()
                for spelling in _spellings(identity.id)
            }
        )

    @cached_property
    def _sought(self) -> list[tuple[bytes, str]]:
        return [one for one in self._spelt if len(one[0]) >= SHORTEST_SOUGHT]

    @cached_property
    def _words(self) -> BytesAhoCorasick:
        return BytesAhoCorasick([spelling for spelling, _ in self._sought])

    @cached_property
    def _anything(self) -> BytesAhoCorasick:
        return BytesAhoCorasick([spelling for spelling, _ in self._spelt])

    def with_aliases(self, aliases: Iterable[tuple[str, Identity]]) -> "Persons":
        """With what was learned of how they are called: pairs of a subject and an identity."""
        learned: dict[str, set[Identity]] = {}
        for subject, identity in aliases:
            learned.setdefault(subject, set()).add(identity)
        return Persons(
            tuple(
                Person(one.subject, one.identities | learned.get(one.subject, set()))
                for one in self.people
            )
        )


def _spellings(id: str) -> Iterator[bytes]:
    """As UTF-8, as JSON may escape it, in a URL, and within a trip's id."""
    escaped = json.dumps(id)[1:-1]
    in_capitals = re.sub(r"\\u[0-9a-f]{4}", lambda found: f"\\u{found[0][2:].upper()}", escaped)
    in_url = quote(id, safe="")
    for one in (id, json.dumps(id, ensure_ascii=False)[1:-1], escaped, in_capitals):
        yield one.encode()
        yield one.replace("/", "\\/").encode()
    yield in_url.encode()
    yield in_url.replace("~", "%7E").replace("%", "~").encode()


def _begins_word(content: bytes, start: int) -> bool:
    """Somebody else may be called what they are called, with something before it."""
    before = content[max(0, start - LONGEST_BEFORE) : start]
    if before[-1:] in _WORD:
        return _SPELT.search(before) is not None
    return not _goes_on(before[:-3:-1]) or _TRIP.search(before) is not None


def _ends_word(content: bytes, end: int) -> bool:
    after = content[end : end + 2]
    return after[:1] not in _WORD and not _goes_on(after)


def _goes_on(signs: bytes) -> bool:
    """A sign between two words, with a word on its other side."""
    return signs[:1] in _JOINING and signs[1:] in _WORD


def has_short_ids(person: Person) -> bool:
    return any(len(one.id.encode()) < SHORTEST_SOUGHT for one in person.identities)
