"""Groups of friends, and messages to everybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.sandbox.simulators.chance import chance, identity, share
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.sentiance.files.layout import (
    PERSON,
    Layout,
    Row,
    iso,
    of_person,
    user_id,
)
from tests.sandbox.simulators.sentiance.files.source import Source

PEOPLE_PER_GROUP = 8
GROUPS_BEGAN = datetime(2022, 3, 1, tzinfo=UTC)
GROUP_NAMES = ("Commuters", "Family", "Neighbours", "Night shift", "Road crew", "Sunday drivers")
CAMPAIGNS = {
    "weekly-summary": "Your week on the road",
    "phone-down": "Hands on the wheel, please",
    "first-frost": "It freezes tonight: keep your distance",
    "new-badge": "You have earned a badge",
}
STATES = ("NEW", "MANUALLY_CLOSED", "MANUALLY_CLOSED", "AUTOMATICALLY_CLOSED")


@dataclass(frozen=True)
class Group:
    """Neighbours in the list of people; the first of them made it."""

    id: str
    name: str
    created_at: datetime
    members: tuple[Person, ...]


def _groups_of(source: Source) -> Iterator[Group]:
    members: list[Person] = []
    for person in source.population:
        members.append(person)
        if len(members) == PEOPLE_PER_GROUP or person.number == len(source.population):
            if source.keeps(f"{members[0].key}/group"):
                yield _group(tuple(members))
            members = []


def _group(members: tuple[Person, ...]) -> Group:
    founder = members[0]
    draw = chance(founder.key, "group")
    name = f"{draw.choice(GROUP_NAMES)} {founder.number}"
    created_at = GROUPS_BEGAN + timedelta(minutes=draw.randint(0, 300_000))
    return Group(identity(24, founder.key, "group"), name, created_at, members)


def _groups(source: Source) -> Iterator[Row]:
    for group in _groups_of(source):
        made = group.name, user_id(group.members[0]), iso(group.created_at)
        yield (group.id, *made, len(group.members))


def _group_members(source: Source) -> Iterator[Row]:
    for group in _groups_of(source):
        for place, person in enumerate(group.members):
            role = "MEMBER" if share(person.key, "role") < 0.85 else "PENDING"
            joined_at = group.created_at + timedelta(days=place, minutes=37 * place)
            ours = "ADMIN" if place == 0 else role
            yield (group.id, *of_person(person), ours, iso(joined_at))


def _communications(source: Source) -> Iterator[Row]:
    for person, heard_at in source.people():
        draw = source.draw(person.key, source.day, "communication")
        if draw.random() < 0.4:
            campaign = draw.choice(tuple(CAMPAIGNS))
            created_at = source.moment(draw, heard_at)
            state = draw.choice(STATES)
            closed_at = created_at + timedelta(seconds=draw.randint(3, 40_000))
            yield (
                *of_person(person),
                *(identity(24, person.key, source.day, campaign), campaign, CAMPAIGNS[campaign]),
                *(state, iso(created_at), "" if state == "NEW" else iso(closed_at)),
            )


LAYOUTS = (
    Layout(
        "groups",
        ("group_id", "name", "created_by", "created_at", "members"),
        _groups,
        text="name",
    ),
    Layout("group_members", ("group_id", *PERSON, "role", "joined_at"), _group_members),
    Layout(
        "communications",
        (*PERSON, "communication_id", "campaign", "title", "state", "created_at", "closed_at"),
        _communications,
        text="title",
    ),
)
