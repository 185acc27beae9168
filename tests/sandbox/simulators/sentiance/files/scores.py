"""Safety scores, of a trip and of a person: who drives with care does so in every respect."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from tests.sandbox.simulators.chance import chance
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.sentiance.files.layout import (
    PERSON,
    TRANSPORT,
    Layout,
    Row,
    epoch_ms,
    of_person,
    of_transport,
    score,
)
from tests.sandbox.simulators.sentiance.files.source import Source
from tests.sandbox.simulators.trips import Trip

LEAST_METRES = 1_000
PRIMARY = ("legal", "smooth", "attention", "overall")
SECONDARY = (
    *("focus", "harsh_acceleration", "harsh_braking", "harsh_turning", "anticipation", "mounted"),
)


@dataclass(frozen=True)
class Scores:
    """0 is worst and 1 best; None where there is not enough data."""

    legal: float | None = None
    smooth: float | None = None
    attention: float | None = None
    overall: float | None = None
    focus: float | None = None
    harsh_acceleration: float | None = None
    harsh_braking: float | None = None
    harsh_turning: float | None = None
    anticipation: float | None = None
    mounted: float | None = None

    def texts(self, names: tuple[str, ...]) -> Iterator[str]:
        return (score(getattr(self, name)) for name in names)


def of_trip(source: Source, trip: Trip) -> Scores:
    """Only drivers are scored, and only when they went some way."""
    draw = source.draw(trip.key, "scores")
    if not trip.is_driven or trip.distance_m < LEAST_METRES or draw.random() < 0.03:
        return Scores()
    knows_phone = draw.random() > 0.06
    return _scores(trip.person, tuple(draw.gauss(0, 0.07) for _ in SECONDARY), knows_phone)


def of_person_on(source: Source, person: Person) -> Scores:
    """Their driving of the last weeks: it drifts slowly, and newcomers have none."""
    week = (source.day - timedelta(days=person.number % 7)).isocalendar()[:2]
    draw = chance(person.key, *week, "scores", source.revision)
    if draw.random() < 0.04:
        return Scores()
    return _scores(person, tuple(draw.gauss(0, 0.02) for _ in SECONDARY), knows_phone=True)


def _scores(person: Person, noise: tuple[float, ...], knows_phone: bool) -> Scores:
    acceleration, braking, turning = (_within(person.care + one) for one in noise[:3])
    smooth = (acceleration + braking + turning) / 3
    legal = _within(person.care + 0.05 + noise[3])
    focus = _within(1 - person.distraction / 2 + noise[4])
    mounted = _within(1 - person.distraction + noise[5])
    attention = 0.7 * focus + 0.3 * mounted
    return Scores(
        legal=legal,
        smooth=smooth,
        attention=attention if knows_phone else None,
        overall=0.4 * smooth + 0.3 * legal + 0.3 * (attention if knows_phone else smooth),
        focus=focus if knows_phone else None,
        harsh_acceleration=acceleration,
        harsh_braking=braking,
        harsh_turning=turning,
        anticipation=_within((braking + legal) / 2 + noise[0] / 2),
        mounted=mounted if knows_phone else None,
    )


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))


def _rows_of_trips(source: Source, names: tuple[str, ...]) -> Iterator[Row]:
    for trip in source.driven_trips():
        yield (*of_transport(trip), *of_trip(source, trip).texts(names))


def _rows_of_people(source: Source, names: tuple[str, ...]) -> Iterator[Row]:
    for person, heard_at in source.people():
        scores = of_person_on(source, person)
        yield (*of_person(person), epoch_ms(heard_at), *scores.texts(names))


LAYOUTS = (
    Layout(
        "primary_safety_scores_transports",
        (*TRANSPORT, *PRIMARY),
        lambda source: _rows_of_trips(source, PRIMARY),
        number="overall",
    ),
    Layout(
        "secondary_safety_scores_transports",
        (*TRANSPORT, *SECONDARY),
        lambda source: _rows_of_trips(source, SECONDARY),
        number="focus",
    ),
    Layout(
        "primary_safety_scores_users",
        (*PERSON, "timestamp", *PRIMARY),
        lambda source: _rows_of_people(source, PRIMARY),
        epoch="timestamp",
        number="overall",
    ),
    Layout(
        "secondary_safety_scores_users",
        (*PERSON, "timestamp", *SECONDARY),
        lambda source: _rows_of_people(source, SECONDARY),
        epoch="timestamp",
        number="focus",
    ),
)
