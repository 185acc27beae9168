"""Everybody's dashcams and all of their events: drawn, crashed by a test, or asked for as clips."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from tests.sandbox.simulators import city, crashes, trips
from tests.sandbox.simulators.dashcam.events import (
    MANUAL,
    Event,
    device_cid,
    named,
    of_crash,
    of_drive,
    read,
)
from tests.sandbox.simulators.dashcam.settings import Clock, Settings
from tests.sandbox.simulators.dashcam.tasks import Task
from tests.sandbox.simulators.people import Person, Population
from tests.sandbox.simulators.trips import Trip

_DAY = timedelta(days=1)


class Fleet:
    """Only what was added or discarded is remembered."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.people = Population(settings.seed, settings.users)
        self.knobs = settings.knobs
        self.clock = clock
        self._first_day = settings.first_day
        self._added: dict[str, Event] = {}
        self._discarded: set[str] = set()
        self._made = lru_cache(maxsize=50_000)(self._make)

    def owner(self, device: str) -> Person | None:
        number, _ = read(device)
        person = self.people.person(number) if 1 <= number <= len(self.people) else None
        return person if person and device_cid(person) == device else None

    def find(self, uuid: str) -> Event | None:
        event = self._added.get(uuid)
        number, ordinal = read(uuid)
        if event is None and number <= len(self.people) and ordinal < date.max.toordinal():
            made = self._made(number, date.fromordinal(ordinal)) if number and ordinal else ()
            event = next((one for one in made if one.uuid == uuid), None)
        return event if event and self._is_known(event) else None

    def between(self, since: float, until: float) -> Iterator[Event]:
        """Of whatever type, in no order."""
        for event in list(self._added.values()):
            if since <= event.timestamp <= until and self._is_known(event):
                yield event
        for day in self._days(since, until):
            for person in self.people:
                for event in self._made(person.number, day):
                    if since <= event.timestamp <= until and self._is_known(event):
                        yield event

    def drives(self, since: float, until: float) -> Iterator[Trip]:
        until = min(until, self.clock.now())
        for day in self._days(since, until):
            for person in self.people:
                for trip in trips.of(person, day):
                    is_within = since <= trip.start.timestamp() and trip.end.timestamp() <= until
                    if is_within and trip.is_driven:
                        yield trip

    def crash(self, person: Person, *, severity: int, at: int | None) -> Event:
        """Where they drove then, or else at their door; and told at once."""
        now = self.clock.now()
        timestamp = int(now) if at is None else at
        crash = crashes.at(
            person,
            datetime.fromtimestamp(timestamp, UTC),
            known_by=datetime.fromtimestamp(now, UTC),
            severity=crashes.SEVERITIES[severity - 1],
        )
        uuid = named(person, _day(timestamp), f"{person.key}/crash/{len(self._added)}")
        event = of_crash(crash, uuid, self.knobs.video_bytes)
        told = replace(event, timestamp=timestamp, seen_at=now)
        self._added[uuid] = told
        return told

    def add_clip(self, task: Task, person: Person) -> Event:
        event = self._at_home(person, task.wish.target_timestamp, task.asked_at, task.id)
        clip = replace(event, task=task, cameras=tuple(file.capture_mode for file in task.files))
        self._added[clip.uuid] = clip
        return clip

    def added(self) -> list[Event]:
        """Crashes and clips, also those that were discarded."""
        return list(self._added.values())

    def discard(self, event: Event) -> None:
        self._discarded.add(event.uuid)

    def _at_home(self, person: Person, timestamp: int, now: float, why: str) -> Event:
        latitude, longitude = city.coordinates(person.home.east_m, person.home.north_m)
        key = f"{person.key}/{why}/{len(self._added)}"
        return Event(
            uuid=named(person, _day(timestamp), key),
            type=MANUAL,
            person=person,
            timestamp=timestamp,
            seen_at=now,
            place=(round(latitude, 6), round(longitude, 6)),
            trip_key=key,
            video_bytes=self.knobs.video_bytes,
        )

    def _is_known(self, event: Event) -> bool:
        return event.seen_at <= self.clock.now() and event.uuid not in self._discarded

    def _days(self, since: float, until: float) -> Iterator[date]:
        """Trips belong to a day of the clock on the wall, an hour or two ahead."""
        day = max(self._first_day, _day(since) - _DAY)
        while day <= _day(min(until, self.clock.now())) + _DAY:
            yield day
            day += _DAY

    def _make(self, number: int, day: date) -> tuple[Event, ...]:
        made = trips.of(self.people.person(number), day)
        driven = (trip for trip in made if trip.is_driven)
        size = self.knobs.video_bytes
        return tuple(event for trip in driven for event in of_drive(trip, day, size))


def _day(moment: float) -> date:
    return datetime.fromtimestamp(moment, UTC).date()
