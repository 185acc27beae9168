"""Ready queries about one day or one person: what they answer, and how much they read for it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from infra.cli import ready
from tests.integration.insurer import Insurer
from tests.soak.month.truth import Shown

Row: TypeAlias = Mapping[str, Any]  # JSON of any query
MOST_BYTES = 10_000_000
ABOUT_NOW = "since_load_h"
NEARLY = 0.11  # sums are rounded to a tenth, in whatever order they were added up


class Question(NamedTuple):
    """A ready query, and values for its parameters."""

    query: str
    about: str
    given: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return f"{self.query}, {self.about}"


@dataclass(frozen=True)
class Answer:
    """Its rows, and what was read for them."""

    rows: Sequence[Row]
    bytes: int
    files: int
    seconds: float

    def equals(self, other: "Answer") -> bool:
        """Rows in any order."""
        mine, theirs = (sorted(map(_spelt, one.rows)) for one in (self, other))
        return len(mine) == len(theirs) and all(map(_is_like, mine, theirs))


def asked(query: str, about: str, given: Mapping[str, str]) -> Question:
    return Question(query, about, tuple(given.items()))


def about(day: date, user: str, first: date, ways: Sequence[Shown]) -> list[Question]:
    """Every ready query that can be asked about one day or one person."""
    of_day = {"from": f"{day}", "to": f"{day}", "day": f"{day}", "days": "1"}
    found = []
    for query in ready.queries().values():
        names = {one.name for one in query.parameters}
        if names & of_day.keys():
            given = {name: value for name, value in of_day.items() if name in names}
            found.append(asked(query.name, "one day", given))
        if "user" in names and "day" not in names:
            month = {"from": f"{first}", "to": f"{day}", "user": user}
            found.append(asked(query.name, "one person", month))
    return [*found, *(of_trip(one) for one in ways)]


def of_trip(way: Shown) -> Question:
    name = way.name
    whose = {"provider": name.provider, "person": way.person}
    given = {"day": f"{name.day}", "trip": name.trip, **whose}
    return asked("points_of_trip", f"a trip of {name.provider}", given)


def answered(insurer: Insurer, question: Question) -> Answer:
    given = (word for one in question.given for word in ("--param", "=".join(one)))
    said = insurer.telematics("query", question.query, *given, "--json", "--stats")
    assert said.code == 0, said.err
    read = json.loads(said.err.strip().splitlines()[-1])
    return Answer(said.json, read["bytes"], read["files"], read["seconds"])


def _spelt(row: Row) -> str:
    """Its whole cells first, so that rows which differ a little stand in the same order."""
    cells = [row[name] for name in sorted(row) if name != ABOUT_NOW]
    return json.dumps([[one for one in cells if not isinstance(one, float)], cells])


def _is_like(mine: str, theirs: str) -> bool:
    (whole, cells), (other, others) = json.loads(mine), json.loads(theirs)
    return whole == other and all(
        math.isclose(one, another, abs_tol=NEARLY)
        for one, another in zip(cells, others, strict=True)
        if isinstance(one, float)
    )
