"""The lake's tables: their schemas, partitions and properties."""

from collections.abc import Iterable, Mapping, Set
from contextlib import suppress

import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (
    BooleanType,
    DateType,
    DoubleType,
    IcebergType,
    LongType,
    NestedField,
    StringType,
    TimestamptzType,
)

from telematics.catalog import PROVIDERS, table_name
from telematics.columns import ARROW_TYPES
from telematics.datasets import OURS, Column, Dataset, Kind, integer, text, timestamp
from telematics.errors import Busy

QUARANTINE = "quarantine"
USERS = "user_links"
WIDEN_ATTEMPTS = 10
_QUARANTINE_COLUMNS = (
    text("provider"),
    text("dataset"),
    integer("line"),
    text("reason"),
    text("content"),
)
# Who is known, and what providers call them: it is of no raw object, and of no day.
_USERS_COLUMNS = (
    text("user_id"),
    text("provider"),
    text("provider_user_id"),
    text("status"),
    timestamp("since"),
    timestamp("updated_at"),
)
_OUR_TYPES: tuple[IcebergType, ...] = (StringType(), DateType(), StringType(), TimestamptzType())
_TYPES: Mapping[Kind, IcebergType] = {
    Kind.TEXT: StringType(),
    Kind.INTEGER: LongType(),
    Kind.NUMBER: DoubleType(),
    Kind.TIMESTAMP: TimestamptzType(),
    Kind.BOOLEAN: BooleanType(),
}
_FIELD_ID = b"PARQUET:field_id"
_ARROW_TYPES: Mapping[IcebergType, pa.DataType] = {
    DateType(): pa.date32(),
    **{iceberg: ARROW_TYPES[kind] for kind, iceberg in _TYPES.items()},
}

# Whole values of what we delete and look up by, so that a file is dropped or kept unread.
# Ids hardly repeat: a small dictionary soon gives way to plain pages and stays out of memory.
PROPERTIES = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    "write.parquet.compression-level": "1",
    "write.parquet.dict-size-bytes": str(1024),
    "write.metadata.metrics.column.raw_key": "full",
    "write.metadata.metrics.column.provider_user_id": "full",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
    "commit.retry.num-retries": "20",
    "commit.retry.max-wait-ms": "5000",
}

# Where the latest version of a thing wins, a commit must not be repeated on what others made of the
# table meanwhile. There are many small ones, so that lists of files are merged as well.
OF_VERSIONS = {
    "commit.retry.num-retries": "0",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "20",
}

OF_USERS = {"write.metadata.metrics.column.user_id": "full"}


def declared() -> Mapping[str, tuple[Column, ...]]:
    """Every table the catalogue declares, and its columns beside ours."""
    return {QUARANTINE: _QUARANTINE_COLUMNS, USERS: _USERS_COLUMNS} | {
        table_name(provider.name, dataset.name): _unique(dataset)
        for provider in PROVIDERS.values()
        for dataset in provider.datasets
    }


def _unique(dataset: Dataset) -> tuple[Column, ...]:
    return tuple({column.name: column for column in dataset.columns}.values())


def ensure(catalog: Catalog, database: str, name: str) -> Table:
    """The table, made if it isn't there, with all the columns that are declared for it."""
    columns = declared().get(name, ())
    identifier = (database, name)
    try:
        table = catalog.load_table(identifier)
    except NoSuchTableError:
        schema, spec = _schema(columns) if name != USERS else _plain(columns)
        try:
            return catalog.create_table(
                identifier, schema, partition_spec=spec, properties=_properties(name)
            )
        except TableAlreadyExistsError:
            table = catalog.load_table(identifier)
    return widen(table, ((column.name, _TYPES[column.kind]) for column in columns))


def _properties(name: str) -> dict[str, str]:
    of_versions = {
        table_name(provider.name, dataset.name)
        for provider in PROVIDERS.values()
        for dataset in provider.datasets
        if dataset.key
    }
    if name == USERS:
        return PROPERTIES | OF_VERSIONS | OF_USERS
    return PROPERTIES | (OF_VERSIONS if name in of_versions else {})


def widen(table: Table, columns: Iterable[tuple[str, IcebergType]]) -> Table:
    """The table with these columns too; one that is there already keeps its type."""
    wanted = dict(columns)
    for _ in range(WIDEN_ATTEMPTS):
        missing = wanted.keys() - set(table.schema().column_names)
        if not missing:
            return table
        with suppress(CommitFailedException), table.update_schema() as update:
            for name in sorted(missing, key=list(wanted).index):
                update.add_column(name, wanted[name])
        table.refresh()
    raise Busy(f"others keep changing the columns of {'.'.join(table.name())}")


def iceberg_type(arrow_type: pa.DataType) -> IcebergType:
    return next(iceberg for iceberg, arrow in _ARROW_TYPES.items() if arrow == arrow_type)


def file_schema(schema: Schema, columns: Set[str]) -> pa.Schema:
    """How these columns of a table are laid out in a data file: told apart by field id."""
    return pa.schema(
        pa.field(
            field.name,
            _ARROW_TYPES[field.field_type],
            metadata={_FIELD_ID: str(field.field_id).encode()},
        )
        for field in schema.fields
        if field.name in columns
    )


def _plain(columns: Iterable[Column]) -> tuple[Schema, PartitionSpec]:
    return Schema(*_fields((one.name, _TYPES[one.kind]) for one in columns)), PartitionSpec()


def _schema(columns: Iterable[Column]) -> tuple[Schema, PartitionSpec]:
    typed = [*zip(OURS, _OUR_TYPES, strict=True), *((c.name, _TYPES[c.kind]) for c in columns)]
    fields = _fields(typed)
    day = next(field.field_id for field in fields if field.name == "day")
    partition = PartitionField(day, 1000, IdentityTransform(), "day")
    return Schema(*fields), PartitionSpec(partition)


def _fields(typed: Iterable[tuple[str, IcebergType]]) -> list[NestedField]:
    return [
        NestedField(number, name, type_, required=False)
        for number, (name, type_) in enumerate(typed, start=1)
    ]
