"""What the dossier asks the lake: files of SQL in Trino's dialect, run wherever the lake is."""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from infra.cli import query
from infra.cli.console import iso
from infra.cli.engines.answer import Answer
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog

FOLDER = Path(__file__).parent / "sql"
T = TypeVar("T")


@dataclass(frozen=True)
class Lake:
    """With the operator's own credentials."""

    deployment: Deployment

    def read(self, kind: type[T], question: str, **values: object) -> list[T]:
        """Each row as one of that kind: what is asked for has its fields as columns."""
        names = [one.name for one in fields(kind)]  # type: ignore[arg-type]  # a dataclass
        return [
            kind(**{name: row[name] for name in names}) for row in self.rows(question, **values)
        ]

    def rows(self, question: str, **values: object) -> list[dict[str, Any]]:  # Any: of all types
        text = (FOLDER / f"{question}.sql").read_text(encoding="utf-8")
        spelt = {name: _spelt(one) for name, one in values.items()}
        answer = self._ask(text, spelt)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def _ask(self, text: str, values: dict[str, str]) -> Answer:
        """The embedded engine's catalogue is made once: it takes longer than many a query."""
        if not self.deployment.in_sandbox:
            return query.ask(text, values, self.deployment)
        from infra.cli.engines import embedded, statement

        database = self.deployment.output("Database")
        asked = statement.parse(text, values, database=database)
        return embedded.answer(asked, self._catalog, database)

    @cached_property
    def _catalog(self) -> "Catalog":
        from infra.cli.engines import iceberg

        return iceberg.catalog(self.deployment)


def _spelt(value: object) -> str:
    return iso(value) if isinstance(value, datetime) else str(value)
