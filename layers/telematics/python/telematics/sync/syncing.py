"""One run: what may be new, what was left open, and once a day reports and uploads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict

from telematics.errors import ProviderRefused
from telematics.observability import logger
from telematics.sync.listing import Events
from telematics.sync.looking import OutOfTime
from telematics.sync.progress import Progress
from telematics.sync.sources import Batch
from telematics.sync.windows import Window

EVENTS, DAILY = "events", "daily"  # cursors
REPORT_DAYS = 2
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


class Summary(TypedDict):
    """What a run has done. `more`: it stopped because time was up. `open` is as of now.

    Each event counts in the run that was done with it, so that runs can be added up.
    """

    more: bool
    listed: int
    new: int
    open: int
    stored_files: int
    failed_files: int


@dataclass(frozen=True)
class Sync:
    """What it takes: the provider's events, and how far they were asked for."""

    events: Events
    progress: Progress
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self, window: Window | None) -> Summary:
        """Without a window, whatever may be new. Raises ProviderBusy; repeats do no harm."""
        more = False
        try:
            if window is None:
                self._whatever_is_new()
            else:
                self._asked_for(window)
        except OutOfTime:
            more = True
        counts = self.events.looking.counts
        return {
            "more": more,
            "listed": self.events.listed,
            "new": counts.new,
            "open": sum(1 for _ in self.progress.all_open()),
            "stored_files": counts.stored_files,
            "failed_files": counts.failed_files,
        }

    def _whatever_is_new(self) -> None:
        now = self.now()
        chain, last_daily = self.progress.begin(EVENTS, now=now), self.progress.reached(DAILY)
        is_daily = last_daily is None or last_daily.date() < now.date()
        for part in Window.since(chain.reached, now=now, is_daily=is_daily).by_day():
            self.events.take(part, chain)
            if chain.reached is None or part.last > chain.reached:
                self.progress.reach(EVENTS, part.last)
        self.events.take_open(chain)
        if is_daily:
            for back in range(1, REPORT_DAYS + 1):
                self._report(now.date() - back * _DAY)
            self._uploads()
            self.progress.reach(DAILY, now)
        self.progress.end(chain)

    def _asked_for(self, window: Window) -> None:
        """Days that somebody names, what failed included. Other cursors stay where they are."""
        now = self.now()
        name = f"{EVENTS}-{window.first.date()}-{window.last.date()}"
        chain = self.progress.begin(name, now=now)
        for part in window.left_from(chain.reached).by_day():
            self.events.take(part, chain, failed_too=True)
            if part.first.date() < now.date():
                self._report(part.first.date())
            self.progress.reach(name, part.last + _SECOND)
        self.progress.forget(chain)

    def _report(self, day: date) -> None:
        with unless_refused("report"):
            self._keep(self.events.looking.source.report(day, now=self.now()))

    def _uploads(self) -> None:
        with unless_refused("uploads"):
            for batch in self.events.looking.source.uploads(now=self.now()):
                self._keep(batch)

    def _keep(self, batch: Batch) -> None:
        batch.store(self.events.looking.zone, self.events.provider)


@contextmanager
def unless_refused(what: str) -> Iterator[None]:
    """Beside the events it is no reason to stop: not every account may see it."""
    try:
        yield
    except ProviderRefused as refusal:
        logger.warning("the provider refused", extra={"what": what, "why": str(refusal)})
