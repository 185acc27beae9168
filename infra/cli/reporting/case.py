"""Which crash it is: a request of ours, a collision of Zendrive's or an event of a dashcam."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from infra.cli import evidence
from infra.cli.desk import Desk
from infra.cli.evidence import Evidence
from infra.cli.exits import BadInput, CommandError, Incomplete
from infra.cli.exporting import person
from infra.cli.exporting.person import Subject
from infra.cli.reporting.lake import Lake

if TYPE_CHECKING:
    from telematics.people import Identity

PHONES, DASHCAMS = "zendrive", "dashcam"
NOON = time(12, tzinfo=UTC)
NEAR = timedelta(minutes=15)  # what is that far from the moment told is another crash
_OURS = re.compile(r"collision-[0-9a-f]{24}")
_EPOCH_MS = re.compile(r"\d{12,13}")
_NO_ID = (
    "{!r} is no collision: give what `telematics collision request` told,"
    " Zendrive's id of a collision or the id of a dashcam's event"
)


@dataclass(frozen=True)
class Case:
    """`at` is the moment that somebody named; `subject` is missing where we don't know them."""

    id: str
    day: date
    at: datetime | None
    identities: "Sequence[Identity]"
    subject: Subject | None = None
    told: Mapping[str, Any] = field(default_factory=dict)  # JSON of the API

    @property
    def answers(self) -> Sequence[Mapping[str, Any]]:
        return Evidence(self.told).answers

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When it may have happened."""
        if self.at is not None:
            return self.at - NEAR, self.at + NEAR
        noon = datetime.combine(self.day, NOON)
        return noon - timedelta(days=1.5), noon + timedelta(days=1.5)

    def named(self, provider: str) -> "list[str]":
        """What the provider calls them, or called them as long as nobody else has that name."""
        return sorted({one.id for one in self.identities if one.provider == provider})


def check_id(case_id: str) -> None:
    """Raises BadInput."""
    if not (_OURS.fullmatch(case_id) or _EPOCH_MS.fullmatch(case_id) or _is_uuid(case_id)):
        raise BadInput(_NO_ID.format(case_id))


def opened(lake: Lake, case_id: str) -> Case:
    """Raises Incomplete while there is no answer, else CommandError.

    That somebody is told all this of a person is noted in the access log.
    """
    if _OURS.fullmatch(case_id):
        return _requested(lake, case_id)
    if _is_uuid(case_id):
        return _found(lake, case_id, DASHCAMS, "of_event")
    at = datetime.fromtimestamp(int(case_id) / 1_000, UTC)
    days = {"first": at.date() - timedelta(days=2), "last": at.date()}
    return _found(lake, case_id, PHONES, "of_collision", at=at.isoformat(), **days)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _requested(lake: Lake, case_id: str) -> Case:
    desk = Desk(lake.deployment)
    found = evidence.shown(desk, case_id)
    found.end()
    told = found.told
    for answer in found.answers:
        _check_loaded(lake, str(told["provider"]), str(answer["raw_key"]))
    subject = person.asked(desk, str(told["user_id"]), _why(case_id))
    at = datetime.fromisoformat(told["at"]) if told.get("at") else None
    day = date.fromisoformat(told["date"])
    return Case(case_id, day, at, subject.identities, subject, told)


def _found(lake: Lake, case_id: str, provider: str, question: str, **values: object) -> Case:
    from telematics.people import Identity

    rows = lake.rows(question, id=case_id, **values)
    people = {str(one["provider_user_id"]) for one in rows if one["provider_user_id"]}
    if len(people) != 1:
        count = f"{len(people)} people have" if people else "nobody in the lake has"
        raise CommandError(f"{count} a collision or an event {case_id}")
    [who] = people
    at: datetime = rows[0]["time"]
    owners = lake.rows("owner", provider=provider, who=who)
    if not owners:
        return Case(case_id, at.date(), at, [Identity(provider, who)])
    subject = person.asked(Desk(lake.deployment), str(owners[0]["user_id"]), _why(case_id))
    return Case(case_id, at.date(), at, subject.identities, subject)


def _why(case_id: str) -> str:
    return f"dossier of {case_id}"


def _check_loaded(lake: Lake, provider: str, raw_key: str) -> None:
    from telematics.ledger import Ledger
    from telematics.raw import RawKey

    row = Ledger(lake.deployment.ledger).get(provider, RawKey.parse(raw_key).file)
    if row is None or row.state in ("listed", "stored"):
        raise Incomplete("the answer came, and is not in the lake yet: try again in a minute")
