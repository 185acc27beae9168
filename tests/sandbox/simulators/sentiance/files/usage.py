"""How people use the app: what they correct, what they tap, and when they are out of reach."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.sentiance.files.layout import (
    PERSON,
    Layout,
    Row,
    event_id,
    iso,
    of_person,
)
from tests.sandbox.simulators.sentiance.files.source import Source

MODES = ("car", "bus", "train", "biking", "walking", "motorcycle")
OTHER_ROLE = {"driver": "passenger", "passenger": "driver"}
TAPS = {
    "app_opened": "home",
    "trip_viewed": "trip",
    "score_viewed": "score",
    "challenge_viewed": "challenges",
    "notification_opened": "inbox",
    "settings_viewed": "settings",
}
REASONS = ("phone_off", "airplane_mode", "location_permission", "no_network", "force_stopped")


def _feedback(source: Source) -> Iterator[Row]:
    for trip in source.trips():
        draw = source.draw(trip.key, "feedback")
        if draw.random() < 0.05:
            told_at = iso(trip.end + timedelta(seconds=draw.randint(30, 600)))
            known = *of_person(trip.person), event_id(trip)
            if trip.role and draw.random() < 0.6:
                yield (*known, "occupant_role", trip.role, OTHER_ROLE[trip.role], told_at)
            else:
                mode = draw.choice([mode for mode in MODES if mode != trip.mode])
                yield (*known, "transport_mode", trip.mode, mode, told_at)


def _app_events(source: Source) -> Iterator[Row]:
    for person, heard_at in source.people():
        draw = source.draw(person.key, source.day, "taps")
        platform, version = _phone(person)
        for moment in _moments(source, draw, heard_at):
            tap = draw.choice(tuple(TAPS))
            yield (*of_person(person), tap, TAPS[tap], platform, version, iso(moment))


def _moments(source: Source, draw: random.Random, heard_at: datetime) -> list[datetime]:
    return sorted(source.moment(draw, heard_at) for _ in range(draw.randint(0, 6)))


def _phone(person: Person) -> tuple[str, str]:
    return ("iOS", "5.3.1") if person.number % 5 < 2 else ("Android", "5.3.0")


def _off_the_grids(source: Source) -> Iterator[Row]:
    for person, heard_at in source.people():
        draw = source.draw(person.key, source.day, "off the grid")
        if draw.random() < 0.12:
            duration_s = draw.randint(900, 30_000)
            period = iso(heard_at - timedelta(seconds=duration_s)), iso(heard_at)
            yield (*of_person(person), *period, duration_s, draw.choice(REASONS))


LAYOUTS = (
    Layout(
        "feedback",
        (*PERSON, "event_id", "feedback_type", "predicted", "corrected", "created_at"),
        _feedback,
    ),
    Layout(
        "app_events",
        (*PERSON, "event", "screen", "platform", "app_version", "timestamp"),
        _app_events,
        text="screen",
    ),
    Layout("off_the_grids", (*PERSON, "start", "end", "duration", "reason"), _off_the_grids),
)
