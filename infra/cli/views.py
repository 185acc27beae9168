"""The canonical views: files of SQL in Trino's dialect, some of which read others."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "sql" / "views"
_READ = re.compile(r"\b(?:from|join)\s+(?!unnest\b)([a-z_]+)")
_COMMENT = re.compile(r"--.*")


@dataclass(frozen=True)
class View:
    """`reads` are the tables and views that it is made of."""

    name: str
    description: str
    sql: str
    reads: frozenset[str]


@cache
def views() -> dict[str, View]:
    """By name, each after those that it reads."""
    found = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.sql"))}
    order = TopologicalSorter({name: view.reads & found.keys() for name, view in found.items()})
    return {name: found[name] for name in order.static_order()}


def _read(path: Path) -> View:
    text = path.read_text(encoding="utf-8")
    first, _, _ = text.partition("\n")
    reads = frozenset(_READ.findall(_COMMENT.sub("", text)))
    return View(path.stem, first.removeprefix("--").strip(), text, reads)


def available(tables: Iterable[str]) -> Sequence[str]:
    """Those whose tables are all there."""
    there = set(tables)
    found = []
    for name, view in views().items():
        if view.reads <= there:
            found.append(name)
            there.add(name)
    return found


def needed(names: Iterable[str]) -> Sequence[View]:
    """The views among these names, and those that they read, each after what it reads."""
    wanted = set(names)
    for view in reversed(views().values()):
        if view.name in wanted:
            wanted |= view.reads
    return [view for name, view in views().items() if name in wanted]
