"""The ready queries: files of SQL in Trino's dialect, each opened by a line that says what for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from infra.cli import parameters
from infra.cli.exits import BadInput
from infra.cli.parameters import Parameter

FOLDER = Path(__file__).parents[1] / "sql" / "queries"
NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class ReadyQuery:
    name: str
    description: str
    sql: str
    parameters: Sequence[Parameter] = ()

    def filled(self, given: Mapping[str, str] = NONE) -> str:
        """The SQL with these values, and else with defaults. Raises BadInput."""
        known = {one.name: one for one in self.parameters}
        if unknown := sorted(given.keys() - known.keys()):
            raise BadInput(f"--param {unknown[0]}: {self.name} has {self._choice}")
        missing = [one for one in self.parameters if one.default is None and one.name not in given]
        if missing:
            first = missing[0]
            raise BadInput(f"{self.name} needs --param {first.name}=...: {first.meaning}")
        literals = {
            name: one.literal(given.get(name, one.default or "")) for name, one in known.items()
        }
        return parameters.placed(self.sql, literals.__getitem__)

    @property
    def saved(self) -> str:
        """The SQL as it can be kept and run anywhere: defaults, each marked with its name."""
        known = {one.name: one for one in self.parameters}
        return parameters.placed(self.sql, lambda name: f"{known[name].standing} /* :{name} */")

    @property
    def _choice(self) -> str:
        names = ", ".join(str(one) for one in self.parameters)
        return f"these: {names}" if names else "no parameters"


def queries() -> Mapping[str, ReadyQuery]:
    """By name, in the order of their names."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.sql"))}


def _read(path: Path) -> ReadyQuery:
    text = path.read_text(encoding="utf-8")
    first, _, _ = text.partition("\n")
    description = first.removeprefix("--").strip()
    return ReadyQuery(path.stem, description, text, parameters.declared(text))


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
