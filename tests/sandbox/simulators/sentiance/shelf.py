"""All files that there are, made when somebody asks and forgotten soon after."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tests.sandbox.simulators.people import Population
from tests.sandbox.simulators.sentiance.faults import IN_FILES, Faults, Kind
from tests.sandbox.simulators.sentiance.files import catalog, file
from tests.sandbox.simulators.sentiance.files.file import Edition, Facts
from tests.sandbox.simulators.sentiance.files.layout import Layout
from tests.sandbox.simulators.sentiance.files.source import Source
from tests.sandbox.simulators.sentiance.settings import Settings

CACHED_BYTES = 64_000_000
MOST_FACTS = 100_000
TODAY_GROWS_EVERY = timedelta(minutes=10)
MOST_REVISIONS = 50


class Shelf:
    """Facts are small and kept; contents are made again."""

    def __init__(self, settings: Settings, faults: Faults) -> None:
        self.population = Population(settings.seed, settings.users)
        self.first_day = settings.first_day
        self._now = settings.now
        self._faults = faults
        self._revisions: dict[tuple[date, Layout], int] = {}
        self._facts: OrderedDict[Edition, Facts] = OrderedDict()
        self._contents: OrderedDict[Edition, bytes] = OrderedDict()
        self._lock = threading.RLock()

    def days(self, first: date, last: date) -> Iterator[date]:
        """Those with offloads: never one to come."""
        day, last = max(first, self.first_day), min(last, self._now().date())
        while day <= last:
            yield day
            day += timedelta(days=1)

    def layouts(self, day: date) -> Iterator[Layout]:
        yield from catalog.LAYOUTS
        if self._faults.in_force({Kind.UNKNOWN_TYPE}, catalog.UNKNOWN.name, day):
            yield catalog.UNKNOWN

    def editions(self, day: date, layout: Layout) -> list[Edition]:
        """The files of an offload, as they are now."""
        source = self._source(day, layout)
        faults = self._faults.in_force(IN_FILES, layout.name, day)
        split = self._faults.in_force({Kind.SEVERAL_FILES}, layout.name, day)
        parts, shares_name = (split[0].parts, split[0].same_name) if split else (1, False)
        return [Edition(layout, source, part, parts, shares_name, faults) for part in range(parts)]

    def find(self, path: str) -> Edition | None:
        try:
            day = date.fromisoformat(path[:10])
        except ValueError:
            return None
        if not list(self.days(day, day)):
            return None
        every = (one for layout in self.layouts(day) for one in self.editions(day, layout))
        return next((edition for edition in every if edition.path == path), None)

    def facts(self, edition: Edition) -> Facts:
        with self._lock:
            return self._facts[edition] if edition in self._facts else self.take(edition)[0]

    def take(self, edition: Edition) -> tuple[Facts, bytes]:
        """One is made at a time: twice as many at once would take twice as long each."""
        with self._lock:
            if edition not in self._contents:
                self._keep(edition, *file.made(edition))
            self._contents.move_to_end(edition)
            return self._facts[edition], self._contents[edition]

    def republish(self, day: date, layout: Layout) -> int:
        """A new revision, of another size: returns its number."""
        with self._lock:
            before = [self.facts(edition).size for edition in self.editions(day, layout)]
            for _ in range(MOST_REVISIONS):
                revision = self._revisions[day, layout] = self.revision(day, layout) + 1
                sizes = [self.facts(edition).size for edition in self.editions(day, layout)]
                if sizes != before:
                    return revision
        raise ValueError(f"no revision of {layout.name} on {day} has another size")

    def revision(self, day: date, layout: Layout) -> int:
        return self._revisions.get((day, layout), 0)

    def _source(self, day: date, layout: Layout) -> Source:
        now = self._now()
        until = _floored(now) if day == now.date() else None
        return Source(self.population, day, self.revision(day, layout), until)

    def _keep(self, edition: Edition, facts: Facts, content: bytes) -> None:
        self._facts[edition] = facts
        self._contents[edition] = content
        while len(self._facts) > MOST_FACTS:
            self._facts.popitem(last=False)
        while len(self._contents) > 1 and self._cached_bytes > CACHED_BYTES:
            self._contents.popitem(last=False)

    @property
    def _cached_bytes(self) -> int:
        return sum(map(len, self._contents.values()))


def _floored(now: datetime) -> datetime:
    """Today's files stay as they are for a while, so that what was listed can be downloaded."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return now - (now - midnight) % TODAY_GROWS_EVERY
