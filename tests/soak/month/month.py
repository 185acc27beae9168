"""A month loaded, tended and asked: the truth before and after, few files, and few bytes."""

import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from infra.cli import console
from tests.integration.insurer import Insurer
from tests.sandbox.simulators.people import Person, Population
from tests.soak.month import filling, questions, tables, zendrive
from tests.soak.month.questions import NEARLY, Answer, Question
from tests.soak.month.tables import MOST_FILES
from tests.soak.month.truth import Shown, Truth
from tests.soak.tally import Tally
from tests.soak.waiting import tune

FIRST = date(2023, 6, 1)
USERS, DAYS, SEED = 1_000, 30, 7
TENDED_WITHIN_SECONDS = 3_600.0
Asked = Mapping[Question, Answer]
OF_PERSON = """
select provider, count(*) as trips
from trips
where user_id = :user and mode <> 'still' and day between cast(:from as date) and cast(:to as date)
group by provider
"""


def run(insurer: Insurer, tally: Tally, *, users: int = USERS, days: int = DAYS) -> None:
    """In a sandbox of so many people, and of this seed."""
    people = Population(SEED, users)
    month = [FIRST + timedelta(days=number) for number in range(days)]
    truth = loaded(insurer, tally, people, month)
    asked = questions.about(month[-1], somebody(people).user_id, month[0], ways(truth))
    known(insurer, tally, people, truth)
    before = answers(insurer, tally, asked)
    tended(insurer, tally)
    known(insurer, tally, people, truth)
    after = answers(insurer, tally, asked)
    compared(tally, before, after)
    shown(tally, truth, after)


def loaded(insurer: Insurer, tally: Tally, people: Population, month: Sequence[date]) -> Truth:
    # A crash in a list of long ago must not ask for footage, nor for an answer.
    tune(insurer, DashcamClipsOfImpacts="DISABLED", ZendriveAsksByItself="DISABLED")
    begun = time.monotonic()
    filling.link(insurer, people)
    filling.wait(insurer)
    tally.tell(f"{len(people):,} people, each known to four providers", begun)
    filling.live(insurer, tally, filling.before(month[0]))
    begun = time.monotonic()
    truth = filling.fill(insurer, tally, people, month)
    tally.tell(f"{len(month)} days of {len(people):,} people in raw", begun)
    filling.wait(insurer)
    tally.tell("  and all of it in the lake, from the first object on", begun)
    return truth


def known(insurer: Insurer, tally: Tally, people: Population, truth: Truth) -> None:
    """Trips and kilometres of each day and provider, and of one person."""
    first, last = (edge(name.day for name, _ in truth.trips) for edge in (min, max))
    of_month = {"from": f"{first}", "to": f"{last}"}
    told = questions.answered(insurer, questions.asked("trips_per_day", "the month", of_month))
    found = {(one["day"], one["provider"]): one for one in told.rows}
    wrong = [
        f"{day} {provider}"
        for (day, provider), total in truth.per_day().items()
        if (one := found.pop((day, provider), None)) is None
        or (one["trips"], one["people"]) != (total.trips, total.people)
        or abs(one["distance_km"] - total.kilometres) > NEARLY
    ]
    tally.expect("days of a provider with other trips, people or km than in truth", wrong, [])
    tally.expect("days of which there is no truth", sorted(found), [])
    tally.tell(f"  {len(truth.trips):,} trips; all days of them in {told.seconds:.1f} s")
    person = somebody(people)
    mine = questions.answered(
        insurer,
        questions.asked(OF_PERSON, "one person", {**of_month, "user": person.user_id}),
    )
    trips = {one["provider"]: one["trips"] for one in mine.rows}
    tally.expect("trips of one person", trips, truth.of_person(filling.names_of(person)))


def answers(insurer: Insurer, tally: Tally, asked: Sequence[Question]) -> Asked:
    begun = time.monotonic()
    found = {one: questions.answered(insurer, one) for one in asked}
    tally.tell(f"{len(found)} questions answered", begun)
    return found


def tended(insurer: Insurer, tally: Tally) -> None:
    begun = time.monotonic()
    before = tables.files(insurer)
    said = insurer.telematics("lake", "compact", "--json", within_seconds=TENDED_WITHIN_SECONDS)
    tally.expect("exit code of lake compact", said.code, 0)
    tally.tell("  " + said.err.strip() if said.code else "the lake tended", begun)
    after = tables.files(insurer)
    tally.tell(f"  data files before {sum(before.values()):,}, after {sum(after.values()):,}")
    tally.tell(f"  most of a table and day before: {max(before.values())}")
    too_many = {place: count for place, count in after.items() if count > MOST_FILES}
    tally.expect(f"days of tables with more than {MOST_FILES} files", too_many, {})


def compared(tally: Tally, before: Asked, after: Asked) -> None:
    table = console.table(
        "query", "rows>", "bytes before>", "bytes after>", "files before>", "after>"
    )
    for question, answer in after.items():
        earlier = before[question]
        counts = (len(answer.rows), earlier.bytes, answer.bytes, earlier.files, answer.files)
        table.add_row(question.name, *(f"{one:,}" for one in counts))
    console.out().print(table)
    differ = [one.name for one, answer in after.items() if not answer.equals(before[one])]
    tally.expect("queries that answer otherwise since", differ, [])
    much = [one.name for one, answer in after.items() if answer.bytes >= questions.MOST_BYTES]
    tally.expect("queries that read 10 MB or more", much, [])


def shown(tally: Tally, truth: Truth, after: Asked) -> None:
    """Points of single trips, as they were driven."""
    for way in ways(truth):
        rows = after[questions.of_trip(way)].rows
        found = [(one["latitude"], one["longitude"]) for one in rows]
        is_right = len(found) == len(way.places) and all(map(_is_near, found, way.places))
        what = f"points of a trip of {way.name.provider}"
        tally.judge(what, len(found), is_right, f"not the {len(way.places)} there are")


def ways(truth: Truth) -> Sequence[Shown]:
    """The last there is of each provider."""
    latest = dict(sorted(truth.ways))
    return [truth.ways[place] for place in latest.items()]


def somebody(people: Population) -> Person:
    """The first whom all four providers know."""
    return people.person(zendrive.EVERY)


def _is_near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) < 2e-3 for a, b in zip(one, other, strict=True))
