"""Lists that are read page by page while they change.

Pages begin at an offset. What arrives late shifts the rest to the right: some is told twice, and
the newcomer, in a part that was already read, not at all. What is discarded shifts it to the left:
some would be passed by. So each page overlaps the one before; one that has nothing in common with
what was read is followed by an earlier one; and a list that is longer than what was found is read
anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from telematics.errors import ProviderRefused
from telematics.providers.dashcam.answers import Listing, Page
from telematics.providers.dashcam.api import WHO

LIMIT = 200  # per page; the provider's own default is 5
OVERLAP = 20
MOST_PAGES = 500
MOST_PASSES = 3

Ask: TypeAlias = Callable[[int, int], Page]  # offset and limit


@dataclass
class _Reading:
    ask: Ask
    pages: list[Page] = field(default_factory=list)
    seen: set[str | bytes] = field(default_factory=set)

    def page(self, offset: int) -> tuple[Page, set[str | bytes]]:
        """The page, and what tells its elements from others."""
        if len(self.pages) >= MOST_PAGES:
            raise ProviderRefused(f"{WHO} had still more to tell after {MOST_PAGES} pages")
        page = self.ask(offset, LIMIT)
        self.pages.append(page)
        told = {one.about.uuid for one in page.elements} | set(page.unidentified)
        self.seen |= told
        return page, told

    @property
    def lacking(self) -> int:
        count = self.pages[-1].answer.count
        return max(0, (count or 0) - len(self.seen))


def all_of(ask: Ask) -> Listing:
    """Each element at least once, in bounded time; the last page that tells of one counts."""
    reading = _Reading(ask)
    for _ in range(MOST_PASSES):
        before = len(reading.seen)
        _read(reading)
        if not reading.lacking or len(reading.seen) == before:
            break
    return Listing(tuple(reading.pages), reading.lacking)


def _read(reading: _Reading) -> None:
    """Once from the beginning to the end. `reached` is what was read without a gap."""
    offset = overlap = 0
    reached: set[str | bytes] = set()
    has_gone_back = has_returned = False
    while True:
        page, told = reading.page(offset)
        fresh = told - reached
        if overlap and fresh == told and (told or not has_returned):
            # The list has moved on further than pages overlap.
            offset = overlap = max(0, offset - LIMIT // 2)
            has_gone_back = True
            continue
        if _is_last(page, offset, len(fresh)):
            return
        reached |= told
        has_returned = (has_gone_back or has_returned) and not fresh
        has_gone_back = False
        overlap = min(OVERLAP, len(page) // 2)
        offset += len(page) - overlap


def _is_last(page: Page, offset: int, fresh: int) -> bool:
    """A full page may be followed by another, whatever the count is of."""
    if not len(page):
        return True
    count, end = page.answer.count, offset + len(page)
    if not fresh:
        return count is None or end >= count
    return count is not None and end >= count and len(page) < LIMIT
