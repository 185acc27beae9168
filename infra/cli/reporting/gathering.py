"""What there is of a crash, looked up place by place, and what there is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import TypeVar

from infra.cli.following import Step
from infra.cli.reporting.case import DASHCAMS, PHONES, Case
from infra.cli.reporting.custody import DIFFERS, GONE, UNRECORDED, Bucket, Sealed
from infra.cli.reporting.dossier import AROUND, Dossier
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
from infra.cli.reporting.lake import Lake
from infra.cli.reporting.media import Shelf
from telematics.catalog import PROVIDERS

SAME = timedelta(minutes=2)  # what others tell of then is the same crash
DRIVE = timedelta(minutes=1)  # before and after a drive
FILMED = timedelta(minutes=5)
WITH_CAMERA = timedelta(hours=2)  # a car may be shared
LATE_DAYS = 3  # of files that tell of a day
SCORED_DAYS = 30
T = TypeVar("T")


@dataclass
class Gathering:
    """Fills a dossier; `today` is the last day on which anything can be."""

    lake: Lake
    dossier: Dossier
    raw: Bucket
    shelf: Shelf

    def steps(self) -> Iterator[Step]:
        work = (
            ("the impact", self._find_impact),
            ("the trip", self._find_trip),
            ("where it was", self._follow),
            ("driving events and scores", self._judge),
            ("devices", self._check_devices),
            ("footage", self._fetch_footage),
            ("custody", self._verify),
        )
        for done, (name, do) in enumerate(work):
            yield Step(done, len(work), name)
            do()
        yield Step(len(work), len(work), "done")

    @property
    def _case(self) -> Case:
        return self.dossier.case

    def _of_all(self, kind: type[T], question: str, **values: object) -> list[T]:
        """Of all providers at once, under every name that they have there."""
        names = [self._case.named(provider) for provider in PROVIDERS]
        return [
            row
            for some in zip_longest(*names, fillvalue="")
            for row in self.lake.read(
                kind, question, **dict(zip(PROVIDERS, some, strict=True)), **values
            )
        ]

    def _find_impact(self) -> None:
        since, until = self._case.span
        found = self._of_all(Impact, "impacts", **_when(since, until))
        chosen = min(found, key=lambda one: _rank(one, self._case.at), default=None)
        self.dossier.impact = chosen
        if chosen is None:
            self._lacks("an impact: no provider recorded one in the time that was asked about")
            return
        others = [one for one in found if one is not chosen]
        same = [one for one in others if abs(one.time - chosen.time) <= SAME]
        self.dossier.tellings = same
        if apart := len(others) - len(same):
            self._lacks(f"{apart} other impacts of these days: this dossier is about one of them")

    def _find_trip(self) -> None:
        moment = self.dossier.moment
        if moment is None:
            self._lacks("a trip: nobody knows the moment; ask again with --at")
            return
        drives = self._of_all(Trip, "trips", **_when(moment - DRIVE, moment + DRIVE))
        known = self.dossier.impact.trip_id if self.dossier.impact else None
        drives.sort(key=lambda one: (one.trip_id != known, one.provider != PHONES))
        self.dossier.drives = drives
        if drives:
            self.dossier.trip = drives[0]
        else:
            self._lacks("a trip that was under way then")

    def _follow(self) -> None:
        dossier, moment = self.dossier, self.dossier.moment
        if moment is None:
            return
        for drive in dossier.drives:
            if points := self._points(drive.provider, drive.trip_id, drive.start_time):
                dossier.points, dossier.points_of = points, drive.provider
                break
        else:
            self._lacks("the way: no provider tells the points of the trip")
        dossier.tracks = {
            one.provider: points
            for one in self._impacts(DASHCAMS)
            if (points := self._points(one.provider, str(one.collision_id), one.time))
        }
        between = _when(moment - AROUND, moment + AROUND)
        dossier.motion = [
            sample
            for who in self._case.named(PHONES)
            for sample in self.lake.read(Sample, "motion", who=who, **between)
        ]
        if not dossier.motion:
            self._lacks("motion: no phone told how it was shaken around the impact")

    def _points(self, provider: str, trip: str, start: datetime) -> list[Point]:
        days = _days(start.date() - timedelta(days=1), start.date())
        return [
            point
            for who in self._case.named(provider)
            for point in self.lake.read(
                Point, "points", provider=provider, who=who, trip=trip, **days
            )
        ]

    def _impacts(self, provider: str) -> list[Impact]:
        told = (self.dossier.impact, *self.dossier.tellings)
        return [one for one in told if one is not None and one.provider == provider]

    def _judge(self) -> None:
        dossier, moment = self.dossier, self.dossier.moment
        if moment is None:
            return
        trip = dossier.trip
        since, until = (trip.start_time, trip.end_time) if trip else (moment, moment)
        events = self._of_all(Happening, "events", **_when(since - DRIVE, until + DRIVE))
        dossier.events = sorted(events, key=lambda one: one.time)
        first, last = (
            moment.date() - timedelta(days=SCORED_DAYS),
            moment.date() + timedelta(days=LATE_DAYS),
        )
        trips = {one.trip_id for one in dossier.drives}
        scores = self._of_all(Score, "scores", **_days(first, last))
        dossier.scores = [one for one in scores if one.subject == "user" or one.trip_id in trips]
        if not dossier.scores:
            self._lacks("scores: nobody scored this drive or, these days, its driver")

    def _check_devices(self) -> None:
        dossier = self.dossier
        moment, day = dossier.moment, self._case.day
        days = _days(day - timedelta(days=1), day + timedelta(days=1))
        for who in self._case.named(PHONES):
            known = self.lake.read(Heartbeat, "heartbeats", who=who, **days)
            dossier.heartbeats = [*dossier.heartbeats, *known]
            called = self.lake.read(Authentication, "authentications", who=who, **days)
            dossier.authentications = [*dossier.authentications, *called]
            if dossier.trip and dossier.trip.provider == PHONES:
                trip = dossier.trip.trip_id
                phones = self.lake.read(Device, "phone", who=who, trip=trip, **days)
                dossier.devices = [*dossier.devices, *phones]
        if not dossier.heartbeats:
            self._lacks("the health of the app: it told nothing on these days")
        if moment is None:
            return
        driven = _when(moment - WITH_CAMERA, moment + WITH_CAMERA)
        for who in self._case.named(DASHCAMS):
            dossier.devices = [
                *dossier.devices,
                *self.lake.read(Device, "camera", who=who, **driven),
            ]

    def _fetch_footage(self) -> None:
        dossier, moment = self.dossier, self.dossier.moment
        if moment is None:
            return
        around = _when(moment - FILMED, moment + FILMED)
        # A clip may have been asked for long after the crash.
        around["last"] = dossier.made_at.date()
        devices = [one.device for one in dossier.devices if one.provider == DASHCAMS] or [""]
        found = {
            (clip.clip_id, clip.camera, clip.media_key): clip
            for who in self._case.named(DASHCAMS)
            for device in devices
            for clip in self.lake.read(
                Clip, "clips", provider=DASHCAMS, who=who, device=device or "", **around
            )
        }
        dossier.clips = list(found.values())
        events = {str(one.collision_id) for one in self._impacts(DASHCAMS)}
        dossier.files = list(self.shelf.fetch(dossier.clips, events))
        for one in dossier.clips:
            if one.missing_because:
                self._lacks(f"footage of camera {one.camera}: {one.missing_because}")
        if not any(one.is_video for one in dossier.files):
            self._lacks("footage: no video of these minutes is stored")
        if not any(one.is_picture for one in dossier.files):
            self._lacks("stills: no snapshot of these minutes is stored")

    def _verify(self) -> None:
        dossier = self.dossier
        answers = {str(one["raw_key"]): str(one["sha256"]) for one in self._case.answers}
        dossier.answers = [self.raw.sealed(key, digest) for key, digest in answers.items()]
        keys = sorted(set(self._quoted()) - answers.keys())
        dossier.sources = [self.raw.sealed(key) for key in keys]
        kept = (*dossier.answers, *dossier.sources, *(one.sealed for one in dossier.files))
        for one in kept:
            if one.verdict in (DIFFERS, GONE):
                self._lacks(f"the evidence behind {one.key}: it {_is(one)}")

    def _quoted(self) -> Iterator[str]:
        dossier = self.dossier
        impacts = (dossier.impact, *dossier.tellings)
        rows: tuple[Sequence[Impact | Trip | Happening | Clip | None], ...] = (
            impacts,
            dossier.drives,
            dossier.events,
            dossier.clips,
        )
        return (one.raw_key for some in rows for one in some if one and one.raw_key)

    def _lacks(self, what: str) -> None:
        self.dossier.missing.append(what)


def _is(one: Sealed) -> str:
    return f"is {one.verdict}" if one.verdict in (GONE, UNRECORDED) else one.verdict


def _rank(impact: Impact, at: datetime | None) -> tuple[float, float]:
    """Nearest to the moment told; the phones' first, for they know most."""
    apart = abs(impact.time - at).total_seconds() if at else 0.0
    is_apart = apart > SAME.total_seconds()
    return (is_apart + (impact.provider != PHONES) / 2, apart - (impact.confidence or 0.0))


def _when(since: datetime, until: datetime) -> dict[str, object]:
    """And the days on which it may stand in the lake."""
    first, last = since.date() - timedelta(days=1), until.date() + timedelta(days=LATE_DAYS)
    return {"since": since, "until": until, **_days(first, last)}


def _days(first: date, last: date) -> dict[str, object]:
    return {"first": first, "last": last}
