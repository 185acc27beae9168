"""A kind of file: its columns, its rows, and the spelling of what is in its cells."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.sentiance.files.source import PROVIDER, Source
from tests.sandbox.simulators.trips import Trip

Row: TypeAlias = Sequence[object]

CSV = "csv.gz"
JSON = "json.gz"
NOT_ENOUGH_DATA = "-1"

PERSON = ("user_id", "metadata_user_id")
TRANSPORT = (*PERSON, "event_id", "start", "end", "mode", "occupant_role")


@dataclass(frozen=True, eq=False)
class Layout:
    """In JSON Lines the columns are the members of each line.

    `number` names a column that the reference documents as a number, `text` one whose cells may
    be long, `epoch` one that counts milliseconds since 1970; empty where there is none.
    """

    name: str
    columns: Sequence[str]
    rows: Callable[[Source], Iterator[Row]]
    format: str = CSV
    number: str = ""
    text: str = ""
    epoch: str = ""

    @property
    def offload_type(self) -> str:
        return f"OFFLOAD_TYPE_{self.name.upper()}"


def user_id(person: Person) -> str:
    return person.identity(PROVIDER, 24)


def metadata_user_id(person: Person) -> str:
    """The insurer's own id, where somebody told Sentiance."""
    return person.user_id if person.is_linked(PROVIDER) else ""


def of_person(person: Person) -> tuple[str, str]:
    return user_id(person), metadata_user_id(person)


def event_id(trip: Trip) -> str:
    return identity(64, trip.key, PROVIDER)


def session_id(trip: Trip) -> str:
    digits = identity(32, trip.session, PROVIDER)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def of_transport(trip: Trip) -> tuple[str, ...]:
    period = iso(trip.start), iso(trip.end)
    return (*of_person(trip.person), event_id(trip), *period, trip.mode, trip.role)


def iso(moment: datetime) -> str:
    """With 0, 3 or 6 digits after the second: as many as the phone knew."""
    microsecond = moment.microsecond
    if not microsecond:
        return moment.isoformat(timespec="seconds")
    return moment.isoformat(timespec="microseconds" if microsecond % 1_000 else "milliseconds")


def score(value: float | None) -> str:
    return NOT_ENOUGH_DATA if value is None else f"{value:.6f}"


def cell(value: object) -> str:
    """JSON inside one cell."""
    return json.dumps(value, separators=(",", ":"))


def epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)
