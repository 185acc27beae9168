"""The ready queries: files of SQL in Trino's dialect, each opened by a line that says what for."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from infra.cli.exits import BadInput

FOLDER = Path(__file__).parents[1] / "sql" / "queries"


@dataclass(frozen=True)
class ReadyQuery:
    name: str
    description: str
    sql: str


def queries() -> Mapping[str, ReadyQuery]:
    """By name, in the order of their names."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.sql"))}


def _read(path: Path) -> ReadyQuery:
    text = path.read_text(encoding="utf-8")
    first, _, _ = text.partition("\n")
    return ReadyQuery(path.stem, first.removeprefix("--").strip(), text)


def is_name(text: str) -> bool:
    """Whether it could be one: SQL has at least two words."""
    return len(text.split()) == 1 and text.replace("-", "_").isidentifier()


def named(name: str) -> ReadyQuery:
    known = queries()
    found = known.get(name.replace("-", "_"))
    if found is None:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "telematics query --list shows them"
        raise BadInput(f"there is no ready query {name!r}: {hint}")
    return found
