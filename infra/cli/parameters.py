"""The parameters of a ready query, as its comments declare them.

    -- :from date = today-30  first day, of the provider's data

A name, a type, a default where there is one, and after two spaces what it means. A date may be
counted from today; a text stands in quotes.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from infra.cli.exits import BadInput

_DECLARED = re.compile(
    r"-- :(?P<name>[a-z_]+) (?P<kind>\w+)(?: = (?P<default>'[^']*'|[^\s']+))?  (?P<meaning>\S.*)"
)
_RELATIVE = re.compile(r"today(?P<days>[+-]\d{1,5})?")
_PLACE = re.compile(r"(?<![:\w]):([a-z_]+)\b")
_LIKE = {
    "text": "any text",
    "date": "a day like 2023-06-04, today or today-30",
    "integer": "a whole number like 20",
    "number": "a number like 0.5",
}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _date(value: str) -> str:
    if relative := _RELATIVE.fullmatch(value):
        today = datetime.now(UTC).date()
        return f"date '{today + timedelta(days=int(relative['days'] or 0))}'"
    return f"date '{date.fromisoformat(value)}'"


def _integer(value: str) -> str:
    return str(int(value)) if not value.startswith("-") else f"({int(value)})"


def _number(value: str) -> str:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    spelt = repr(number) if "e" in repr(number) else f"{number!r}e0"
    return spelt if number >= 0 else f"({spelt})"


_LITERALS: Mapping[str, Callable[[str], str]] = {
    "text": _text,
    "date": _date,
    "integer": _integer,
    "number": _number,
}


@dataclass(frozen=True)
class Parameter:
    """`default` is None where somebody has to say it."""

    name: str
    kind: str
    default: str | None
    meaning: str

    def __str__(self) -> str:
        default = self.default
        if default is not None and self.kind == "text":
            default = f"'{default}'"
        return f"{self.name} {self.kind}" + ("" if default is None else f" = {default}")

    def literal(self, value: str) -> str:
        """As SQL has it. Raises BadInput."""
        try:
            return _LITERALS[self.kind](value)
        except (ValueError, OverflowError) as error:
            raise BadInput(
                f"--param {self.name}={value}: {self.meaning}; give {_LIKE[self.kind]}"
            ) from error

    @property
    def standing(self) -> str:
        """Its default for a query that is kept: what is counted from today stays so."""
        value = self.default or ""
        if self.kind == "date" and (relative := _RELATIVE.fullmatch(value)):
            days = int(relative["days"] or 0)
            return f"date_add('day', {days}, current_date)" if days else "current_date"
        return self.literal(value)


def declared(sql: str) -> Sequence[Parameter]:
    return [
        Parameter(
            found["name"],
            found["kind"],
            None if found["default"] is None else found["default"].strip("'"),
            found["meaning"],
        )
        for line in sql.splitlines()
        if (found := _DECLARED.fullmatch(line)) and found["kind"] in _LITERALS
    ]


def placed(sql: str, values: Callable[[str], str]) -> str:
    """The SQL with each `:name` replaced, but for those in lines of comment."""
    return "\n".join(
        line if line.startswith("--") else _PLACE.sub(lambda place: values(place[1]), line)
        for line in sql.splitlines()
    )
