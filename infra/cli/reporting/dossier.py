"""All that is known of one crash, before it is drawn and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from infra.cli.reporting.case import Case
from infra.cli.reporting.custody import Sealed
from infra.cli.reporting.findings import (
    Authentication,
    Clip,
    Device,
    Happening,
    Heartbeat,
    Impact,
    Point,
    Sample,
    Score,
    Trip,
)
from infra.cli.reporting.media import File

AROUND = timedelta(seconds=30)  # of the impact: what the curves show


@dataclass
class Dossier:
    """`tellings` are of the same crash, by other providers; `missing` says what is not, and why."""

    case: Case
    made_at: datetime
    impact: Impact | None = None
    tellings: Sequence[Impact] = ()
    trip: Trip | None = None
    drives: Sequence[Trip] = ()
    points: Sequence[Point] = ()
    points_of: str = ""  # the provider
    tracks: Mapping[str, Sequence[Point]] = field(default_factory=dict)  # of others, by provider
    motion: Sequence[Sample] = ()
    events: Sequence[Happening] = ()
    scores: Sequence[Score] = ()
    clips: Sequence[Clip] = ()
    files: Sequence[File] = ()
    devices: Sequence[Device] = ()
    heartbeats: Sequence[Heartbeat] = ()
    authentications: Sequence[Authentication] = ()
    answers: Sequence[Sealed] = ()
    sources: Sequence[Sealed] = ()
    missing: list[str] = field(default_factory=list)

    @property
    def moment(self) -> datetime | None:
        """Of the impact; where nobody recorded one, what somebody said."""
        return self.impact.time if self.impact else self.case.at

    @property
    def offset_minutes(self) -> int | None:
        told = (one.utc_offset_minutes for one in (self.impact, self.trip, *self.tellings) if one)
        return next((one for one in told if one is not None), None)

    @property
    def nearby(self) -> Sequence[Point]:
        """Where they were around the impact."""
        if self.moment is None:
            return ()
        first, last = self.moment - AROUND, self.moment + AROUND
        return [one for one in self.points if first <= one.time <= last]

    @property
    def is_intact(self) -> bool:
        """Whether all that has a digest on record still has it."""
        kept = (*self.answers, *self.sources, *(one.sealed for one in self.files))
        return all(not one.recorded or one.sha256 == one.recorded for one in kept)
