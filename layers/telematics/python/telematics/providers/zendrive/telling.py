"""What somebody tells of a driver's trips, as things of the lake."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from telematics import quarantine, versions
from telematics.datasets import Column, timestamp
from telematics.errors import MalformedPayload, TelematicsError
from telematics.providers.zendrive import about, datasets, points, records
from telematics.providers.zendrive.about import Trip
from telematics.providers.zendrive.points import Points, Series
from telematics.versions import Contents, Row, Rows, Thing, Unreadable

Members = Mapping[str, Any]  # of a JSON object, of any shape

NOTHING: Members = {}
# How much is told of a trip: by the answer about a collision, by the read of one, by what scores a
# trip, with its events or without, and by the notice of a collision.
EVERYTHING, ALL_OF_IT, SCORED, NO_EVENTS, NOTICED = 4, 3, 2, 1, 0
WITH_MOTION, WITHOUT_MOTION = 1, 0  # and of a collision
_START = timestamp("start_time")
KEYS = {one.name: one.key for one in datasets.DATASETS}
TAKEN = {one.name: frozenset(column.name for column in one.columns) for one in datasets.DATASETS}


def sources(*families: Sequence[Column]) -> frozenset[str]:
    return frozenset(column.source for columns in families for column in columns)


# The reads and the notifications have everything of a trip in one object: each table takes its own.
OF_A_TRIP = sources(datasets.INFO, datasets.SCORED, datasets.GIVEN) | {"trip_id", "time"}
OF_AN_IMPACT = sources(datasets.IMPACT)
OF_BEHAVIOR = sources(datasets.BEHAVIOR)
OF_AN_EVENT = sources(datasets.EVENT)


@dataclass(frozen=True)
class Telling:
    """Who tells what of whom. `day` is that of trips whose own nobody knows."""

    found: Contents
    driver: str
    told_by: str
    fetched_at: datetime
    day: date
    asked_date: str | None = None

    def trip(self, info: Members, trip_id: object = None) -> Trip:
        """Raises MalformedPayload."""
        identity = records.text_of(info.get("trip_id")) or records.text_of(trip_id)
        if identity is None:
            raise MalformedPayload("trip_id: missing")
        start = records.cell(_START, info.get("start_time"))
        return Trip(
            self.driver, identity, about.day(trip_id=identity, start=start, otherwise=self.day)
        )

    def add_trip(
        self,
        trip: Trip,
        info: Members,
        *,
        events: Sequence[msgspec.Raw],
        tells: int,
        beside: Members = NOTHING,
    ) -> None:
        """The trip with its events. `beside` are members that are told beside those of the trip."""
        told = {**info, **beside}
        row = {
            **trip.columns,
            "told_by": self.told_by,
            datasets.TELLS: tells,
            **records.declared((*datasets.INFO, *datasets.GIVEN), told),
            **records.undeclared(told, OF_A_TRIP, TAKEN["trips"]),
            "asked_date": self.asked_date,
        }
        rows = {"trips": [row], "events": self._events(trip, events)}
        self._add("trips", trip.key, trip.day, versions.digest(rows), rows, tells)

    def _events(self, trip: Trip, events: Sequence[msgspec.Raw]) -> list[Row]:
        rows: list[Row] = []
        for place, content in enumerate(events, start=1):
            with self.aside(place, content):
                found = records.decoded(content)
                row = {**trip.columns, "told_by": self.told_by}
                row |= records.declared(datasets.EVENT, found)
                rows.append(row | records.undeclared(found, OF_AN_EVENT, TAKEN["events"]))
        return rows

    def add_scores(
        self,
        trip: Trip,
        info: Members,
        *,
        behavior: Members = NOTHING,
        speed_profile: str | None = None,
    ) -> None:
        """How the trip was driven; nothing, where nothing of it is told."""
        row = {
            **records.declared(datasets.SCORED, info),
            **records.declared(datasets.BEHAVIOR, behavior),
            **records.undeclared(behavior, OF_BEHAVIOR, TAKEN["trip_scores"]),
            "speed_profile": speed_profile,
        }
        if any(value is not None for value in row.values()):
            self.add_row("trip_scores", {**trip.columns, "told_by": self.told_by, **row})

    def add_collision(
        self,
        trip: Trip,
        content: msgspec.Raw | None,
        *,
        collision_id: str | None = None,
        motion: msgspec.Raw | None = None,
    ) -> None:
        """With its motion, unless that is told beside it. What is empty does not deny it."""
        members = records.optional_members(content)
        motion = members.pop("motion", motion)
        found = records.values(members)
        impact = records.declared(datasets.IMPACT, found)
        if all(value is None for value in impact.values()):
            return
        when = impact["time"] or impact["final_callback_timestamp"]
        key = f"{trip.key}@{when.isoformat() if when else 'unknown'}"
        which = {datasets.COLLISION: key, **trip.columns}
        samples = self._points(points.MOTION, motion)
        tells = WITH_MOTION if samples.rows.num_rows else WITHOUT_MOTION
        row = {
            **which,
            "collision_id": collision_id,
            "told_by": self.told_by,
            datasets.TELLS: tells,
            **impact,
            **records.undeclared(found, OF_AN_IMPACT, TAKEN["collisions"]),
        }
        rows = {"collisions": [row], "motion": samples.of(which)}
        self._add("collisions", key, trip.day, digest(content), rows, tells)

    def add_points(self, trip: Trip, series: Series, content: msgspec.Raw | None) -> None:
        """What is empty takes nothing from what was told before."""
        found = self._points(series, content)
        if content is None or not found.rows.num_rows:
            return
        key = f"{trip.key}/{series.name}"
        which = {datasets.POINTS: key, **trip.columns, "source": series.name}
        rows = {"gps_points": found.of(which)}
        self._add("gps_points", key, trip.day, digest(content), rows)

    def _points(self, series: Series, content: msgspec.Raw | None) -> Points:
        found = points.NONE
        if content is not None and not records.is_nothing(content):
            with self.aside(None, content):
                found = points.read(series, bytes(content))
        self.found.unreadable += found.unreadable
        return found

    def add_day(self, dataset: str, row: Row) -> None:
        """What is told of a day of the driver's."""
        self.add_row(dataset, {**row, "asked_date": self.asked_date})

    def add_row(self, dataset: str, row: Row) -> None:
        """A thing of one row."""
        self._add(dataset, row[KEYS[dataset]], row["day"], versions.digest(row), {dataset: [row]})

    def _add(
        self,
        dataset: str,
        key: str,
        day: date,
        digest: str,
        rows: Mapping[str, Rows],
        precedence: int = 0,
    ) -> None:
        thing = Thing(dataset, key, day, self.fetched_at, digest, rows, precedence)
        self.found.things.append(thing)

    def parts(self, members: Mapping[str, msgspec.Raw], name: str) -> list[msgspec.Raw]:
        """Those of a list; none of what is none, for the rest can be read all the same."""
        content = members.get(name)
        with self.aside(None, content):
            return records.elements(content, name)
        return []

    def aside(self, place: int | None, content: msgspec.Raw | None) -> AbstractContextManager[None]:
        return aside(self.found, place, content)


@contextmanager
def aside(found: Contents, place: int | None, content: msgspec.Raw | None) -> Iterator[None]:
    """What can't be read goes to quarantine by itself."""
    try:
        yield
    except (*versions.NOT_READABLE, TelematicsError) as error:
        begin = memoryview(content or b"")[: quarantine.SHOWN_CHARACTERS]
        shown = bytes(begin).decode(errors="replace")
        found.unreadable.append(Unreadable(place, str(error), shown))


def digest(content: msgspec.Raw | None) -> str:
    """Of what is too large to be spelt again."""
    return hashlib.sha256(content or b"").hexdigest()[:32]
