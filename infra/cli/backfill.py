"""A range of days through the offloads machine, chunk by chunk, followed in the ledger."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from infra.cli import execution, ledger, status
from infra.cli.target import Deployment
from telematics.offloads.period import Period

if TYPE_CHECKING:
    from telematics.ledger import LedgerRow

PAUSE_SECONDS, PAUSE_SECONDS_ON_AWS = 0.5, 3.0
QUIET_SECONDS = 300.0
QUIET_SECONDS_WHILE_LOADING = 1_200.0  # a load may take 15 minutes and writes the ledger at its end


@dataclass
class Chunk:
    """The days of one execution, and what the ledger says of their files."""

    days: Period
    execution: str = ""
    ended: bool = False
    rows: "Sequence[LedgerRow]" = ()

    @property
    def is_settled(self) -> bool:
        """Nothing will change any more: the machine ended, and with each file it is decided."""
        return self.ended and all(row.state in ledger.FINAL for row in self.rows)

    @property
    def days_done(self) -> float:
        """Days whose files are all in the lake; a part of a day counts as that part."""
        if self.is_settled:
            return len(self.days)
        files: dict[date, list[bool]] = {}
        for row in self.rows:
            files.setdefault(row.day, []).append(row.state == "loaded")
        return sum(sum(loaded) / len(loaded) for loaded in files.values())


@dataclass(frozen=True)
class Tally:
    """How far it is."""

    days: int
    days_done: float
    listed: int
    stored: int
    loaded: int
    failed: int
    rows: int
    quarantined: int

    @classmethod
    def of(cls, chunks: Sequence[Chunk]) -> "Tally":
        rows = [row for chunk in chunks for row in chunk.rows]
        return cls(
            days=sum(len(chunk.days) for chunk in chunks),
            days_done=sum(chunk.days_done for chunk in chunks),
            listed=len(rows),
            stored=sum(row.state in ledger.IN_RAW for row in rows),
            loaded=sum(row.state == "loaded" for row in rows),
            failed=sum(row.state == "failed" for row in rows),
            rows=sum(row.rows or 0 for row in rows),
            quarantined=sum(row.quarantined or 0 for row in rows),
        )


@dataclass
class Backfill:
    """Fetches what is missing of a range. Following it is all we do: the work is the stack's."""

    deployment: Deployment
    provider: str
    machine: str
    days: Period
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chunks: list[Chunk] = field(default_factory=list)
    stuck: bool = False

    def __post_init__(self) -> None:
        self.chunks = [Chunk(days) for days in self.days.windows()]

    @property
    def command(self) -> str:
        """What takes it up again."""
        return f"telematics fetch {self.provider} --from {self.days.first} --to {self.days.last}"

    def start(self, chunk: Chunk) -> None:
        """Its name says which days and when, so that operators find it among the others."""
        started = self.deployment.machines.start_execution(
            stateMachineArn=self.machine,
            name=f"fetch-{chunk.days.first}-{chunk.days.last}-{self.now():%Y%m%dT%H%M%S}",
            input=json.dumps({"from": str(chunk.days.first), "to": str(chunk.days.last)}),
        )
        chunk.execution = started["executionArn"]

    def follow(self) -> Iterator[Tally]:
        """Start one chunk after the other, and look on until every file is loaded or failed."""
        for chunk in self.chunks:
            self.start(chunk)
            while not chunk.ended:
                yield self._look()
                chunk.ended = self._has_ended(chunk)
                self._pause()
        yield from self._settle()

    def _settle(self) -> Iterator[Tally]:
        """The machine stores; loading comes after it, by the queue, in its own time."""
        tally, quiet_since = self._look(), self.clock()
        yield tally
        while not all(chunk.is_settled for chunk in self.chunks):
            self._pause()
            before, tally = tally, self._look()
            yield tally
            if tally != before:
                quiet_since = self.clock()
            elif self._is_stuck(self.clock() - quiet_since):
                self.stuck = True
                return

    def _is_stuck(self, quiet_seconds: float) -> bool:
        if quiet_seconds < QUIET_SECONDS:
            return False
        loading = status.depth(self.deployment, "QueueConvert") > 0
        return not loading or quiet_seconds >= QUIET_SECONDS_WHILE_LOADING

    def _look(self) -> Tally:
        for chunk in self.chunks:
            if chunk.execution and not chunk.is_settled:
                chunk.rows = ledger.rows(self.deployment, self.provider, chunk.days)
        return Tally.of(self.chunks)

    def _has_ended(self, chunk: Chunk) -> bool:
        ended = execution.output(
            self.deployment,
            chunk.execution,
            doing=f"the offloads machine on {chunk.days}",
            remains="What it stored stays; the same command goes on from there",
        )
        return ended is not None

    def _pause(self) -> None:
        in_sandbox = self.deployment.in_sandbox
        self.sleep(PAUSE_SECONDS if in_sandbox else PAUSE_SECONDS_ON_AWS)
