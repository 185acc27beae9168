"""Points, badges and dares: what keeps people careful."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import takewhile

from tests.sandbox.simulators.chance import identity, share
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.sentiance.files import scores
from tests.sandbox.simulators.sentiance.files.layout import (
    PERSON,
    Layout,
    Row,
    event_id,
    iso,
    of_person,
    score,
)
from tests.sandbox.simulators.sentiance.files.source import Source

REWARDED_DAYS = 7
LONGEST_STREAK = 60
SHARE_OF_BREAKS = 0.12
BADGES = ("Early bird", "Feather foot", "Hands off", "Night owl", "Hundred smooth kilometres")
CHALLENGES = ("A week without calls", "Keep the limit", "Leave the car at home", "Smooth Monday")
STREAKS = ("safe driving", "phone down")


def _custom_scores(source: Source) -> Iterator[Row]:
    for trip in source.driven_trips():
        overall = scores.of_trip(source, trip).overall
        if overall is not None:
            user = scores.of_person_on(source, trip.person).overall
            period = iso(trip.start), iso(trip.end)
            yield (*of_person(trip.person), event_id(trip), *period, score(overall), score(user))


def _badges(source: Source) -> Iterator[Row]:
    for person, heard_at in source.people():
        draw = source.draw(person.key, source.day, "badge")
        if draw.random() < 0.25:
            state = draw.choice(("ACTIVE", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED"))
            progress = {"ACTIVE": 0.0, "COMPLETED": 1.0}.get(state, draw.uniform(0.05, 0.95))
            moment = source.moment(draw, heard_at)
            badge = _one(BADGES, draw.random())
            yield (*of_person(person), *badge, state, f"{progress:.2f}", iso(moment))


def _challenges(source: Source) -> Iterator[Row]:
    states = ("ACCEPTED", "COMPLETED", "IN_PROGRESS", "IN_PROGRESS", "FAILED", "ABANDONED")
    for person, heard_at in source.people():
        draw = source.draw(person.key, source.day, "challenge")
        if draw.random() < 0.3:
            state = draw.choice(states)
            moment = source.moment(draw, heard_at)
            began = moment - timedelta(days=0 if state == "ACCEPTED" else draw.randint(1, 20))
            challenge = _one(CHALLENGES, draw.random())
            yield (*of_person(person), *challenge, state, iso(began), iso(moment))


def _streaks(source: Source) -> Iterator[Row]:
    """Every day goes on from the day before, or breaks."""
    for person, heard_at in source.people():
        for streak in STREAKS:
            length = _streak(person, streak, source.day)
            state = {0: "BREAK", 1: "NEW"}.get(length, "CONTINUE")
            moment = source.moment(source.draw(person.key, source.day, streak), heard_at)
            key = identity(24, person.key, streak)
            yield (*of_person(person), key, streak, state, length, iso(moment))


def _streak(person: Person, streak: str, day: date) -> int:
    """Days since it last broke."""

    def holds(days_ago: int) -> bool:
        then = day - timedelta(days=days_ago)
        return share(person.key, streak, then) >= SHARE_OF_BREAKS

    return sum(1 for _ in takewhile(holds, range(LONGEST_STREAK)))


def _daily_rewards(source: Source) -> Iterator[Row]:
    """Seven days in each file: a day that was told before is told again, unchanged."""
    days = [source.day - timedelta(days=ago) for ago in range(REWARDED_DAYS - 1, -1, -1)]
    for person, _ in source.people():
        for day in days:
            edition = source.revision if day == source.day else 0
            points = round(100 * person.care * share(person.key, day, "points", edition))
            yield (*of_person(person), day.isoformat(), points)


def _one(of: Sequence[str], drawn: float) -> tuple[str, str]:
    """Its id and its name."""
    name = of[int(drawn * len(of))]
    return identity(24, name), name


LAYOUTS = (
    Layout(
        "custom_scores",
        (*PERSON, "event_id", "start", "end", "trip_score", "user_score"),
        _custom_scores,
    ),
    Layout(
        "badges",
        (*PERSON, "badge_id", "badge", "state", "progress", "updated_at"),
        _badges,
        text="badge",
    ),
    Layout(
        "challenges",
        (*PERSON, "challenge_id", "challenge", "state", "started_at", "updated_at"),
        _challenges,
        text="challenge",
    ),
    Layout(
        "streaks",
        (*PERSON, "streak_id", "streak", "state", "days", "updated_at"),
        _streaks,
        text="streak",
    ),
    Layout("daily_rewards", (*PERSON, "day", "points"), _daily_rewards),
)
