"""The days and the people that a whole statement is about: of each table no other rows are read.

DuckDB takes conditions past joins and unions, but not past lists that are unnested, nor to days
that are reckoned. So where each mention of a table or view says which days or whom it is about, the
tables are read for these alone. The views allow it: their rows are of one person, and of one day
and a few after it, but where they rank a table of all days.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from typing import Any, TypeAlias

import pyarrow.dataset as ds
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.optimizer.simplify import simplify

from infra.cli.engines.scan import all_of
from infra.cli.engines.translation import Schema
from telematics import tables
from telematics.datasets import PERSON

DAY, OURS, ANY = "day", "user_id", ""
AHEAD = timedelta(days=3)  # in which Sentiance may tell a trip again
MOST_PEOPLE = 100
Person: TypeAlias = tuple[str, str]  # a provider, or ANY of them, and what it calls somebody
Links: TypeAlias = Callable[[Set[str]], Set[Person]]


@dataclass(frozen=True)
class Extent:
    """Days from `first` to `last`, both included, and people.

    None is whatever there is.
    """

    first: date | None = None
    last: date | None = None
    people: Set[Person] | None = None

    def __or__(self, other: "Extent") -> "Extent":
        """What either is about."""
        return Extent(
            min(self.first, other.first) if self.first and other.first else None,
            max(self.last, other.last) if self.last and other.last else None,
            None if self.people is None or other.people is None else self.people | other.people,
        )

    def __and__(self, other: "Extent") -> "Extent":
        """What both are about; a little more is no harm."""
        return Extent(
            max(filter(None, (self.first, other.first)), default=None),
            min(filter(None, (self.last, other.last)), default=None),
            self.people if other.people is None else other.people,
        )

    def condition(self, table: str, columns: Iterable[str], *, of_all_days: bool) -> Any:
        """What rows of a table with these columns must be, to pyarrow; None is anything."""
        if DAY not in columns:
            return None
        held = []
        if self.first and not of_all_days:
            held.append(ds.field(DAY) >= self.first)
        if self.last and not of_all_days:
            held.append(ds.field(DAY) <= self.last + AHEAD)
        if self.people is not None and PERSON in columns:
            told = table.partition("_")[0]
            is_of_all = table == tables.QUARANTINE
            named = sorted(
                name for provider, name in self.people if is_of_all or provider in (ANY, told)
            )
            each = (ds.field(PERSON) == one for one in named)
            held.append(reduce(lambda one, other: one | other, each, ds.scalar(False)))
        return all_of(held)


EVERYTHING = Extent()


def extent(tree: exp.Query, schema: Schema, views: Set[str], links: Links) -> Extent:
    """Of a statement whose columns are qualified. In `views`, `user_id` is one of ours."""
    about: list[Extent] = []
    mentions = 0
    for scope in traverse_scope(tree):
        held = list(_held(scope.expression.args.get("where")))
        for alias, (_, source) in scope.selected_sources.items():
            if not isinstance(source, exp.Table):
                continue
            mentions += 1
            if DAY in schema.get(source.name, {}) and exp.false() not in held:
                whose = {PERSON: _of_any} | ({OURS: links} if source.name in views else {})
                about.append(_mentioned(held, alias, whose))
    is_seen = mentions == sum(one.name in schema for one in tree.find_all(exp.Table))
    return reduce(Extent.__or__, about) if about and is_seen else EVERYTHING


def ranked(tree: exp.Query) -> Set[str]:
    """The tables of which a view needs all days: it numbers their rows."""
    return {
        table.name
        for select in tree.find_all(exp.Select)
        if select.find(exp.Window)
        for table in select.find_all(exp.Table)
    }


def _of_any(names: Set[str]) -> Set[Person]:
    return {(ANY, name) for name in names}


def _held(where: exp.Where | None) -> Iterator[exp.Expr]:
    """What must all be true, columns first and dates reckoned."""
    if where is not None:
        whole = simplify(where.this.copy(), dialect="trino").unnest()
        parts = whole.flatten() if isinstance(whole, exp.And) else [whole]
        yield from (one.unnest() for one in parts)


def _mentioned(held: Sequence[exp.Expr], alias: str, whose: Mapping[str, Links]) -> Extent:
    """What is said of the days and people of a table or view where it is mentioned."""
    found = EVERYTHING
    for condition in held:
        column = condition.this
        if not isinstance(column, exp.Column) or column.table != alias:
            continue
        if column.name == DAY:
            found &= _of_days(condition)
        elif column.name in whose:
            found &= _of_people(condition, whose[column.name])
    return found


def _of_days(condition: exp.Expr) -> Extent:
    days = [_date(one) for one in _values(condition)]
    known = [one for one in days if one is not None]
    if not known or len(known) < len(days):
        return EVERYTHING
    is_from = isinstance(condition, (exp.EQ, exp.In, exp.GT, exp.GTE))
    is_until = isinstance(condition, (exp.EQ, exp.In, exp.LT, exp.LTE))
    return Extent(min(known) if is_from else None, max(known) if is_until else None)


def _of_people(condition: exp.Expr, links: Links) -> Extent:
    values = _values(condition)
    named = frozenset(str(one.this) for one in values if one.is_string)
    if not named or len(named) > MOST_PEOPLE or not all(one.is_string for one in values):
        return EVERYTHING
    is_of_them = isinstance(condition, (exp.EQ, exp.In))
    return Extent(people=links(named)) if is_of_them else EVERYTHING


def _values(condition: exp.Expr) -> Sequence[exp.Expr]:
    """What a column is compared with."""
    if isinstance(condition, exp.In):
        return list(condition.expressions)
    return [condition.expression] if isinstance(condition, exp.Binary) else []


def _date(value: exp.Expr) -> date | None:
    """Of `date '2026-03-02'`, which is a cast to sqlglot."""
    if not isinstance(value, exp.Cast) or not value.is_type("date") or not value.this.is_string:
        return None
    try:
        return date.fromisoformat(str(value.this.this))
    except ValueError:
        return None  # the engine says what is wrong with it
