"""Data files by table and day, as the tables' own metadata have them."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from infra.cli.engines import iceberg
from tests.integration.insurer import Insurer

MOST_FILES = 10
_EPOCH = date(1970, 1, 1)


def files(insurer: Insurer) -> Mapping[tuple[str, str], int]:
    """Of each day that is over, and of tables that have no days."""
    stack = insurer.stack
    catalog, database = iceberg.catalog(stack), stack.output("Database")
    names = sorted(name for _, name in catalog.list_tables(database))
    today = datetime.now(UTC).date()
    found = Counter[tuple[str, str]]()
    for name, table in iceberg.load_all(catalog, database, names).items():
        for task in table.scan().plan_files():
            partition = task.file.partition
            day = _EPOCH + timedelta(days=partition[0]) if len(partition) else None
            if day is None or day < today - timedelta(days=1):
                found[name, f"{day or ''}"] += 1
    return found
