"""`telematics lake tables`: what Iceberg's metadata says of each table."""

from datetime import date

import pyarrow as pa
from pyiceberg.catalog import Catalog

from infra.cli import lake
from telematics import tables
from tests.unit.conftest import DATABASE


def test_a_table_is_measured_without_reading_its_data(catalog: Catalog) -> None:
    table = tables.ensure(catalog, DATABASE, "sentiance_badges")
    for day in (date(2023, 6, 4), date(2023, 6, 9)):
        rows = [{"day": day, "state": "ACTIVE"}, {"day": day, "state": "COMPLETED"}]
        table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))
    size = lake.size("sentiance_badges", table)
    assert (size.rows, size.files, size.snapshots) == (4, 2, 2)
    assert (size.first_day, size.last_day) == ("2023-06-04", "2023-06-09")
    assert size.bytes > 0
    assert size.newest_load is not None


def test_an_empty_table_has_no_days(catalog: Catalog) -> None:
    table = tables.ensure(catalog, DATABASE, "sentiance_badges")
    size = lake.size("sentiance_badges", table)
    assert (size.rows, size.files, size.first_day, size.newest_load) == (0, 0, None, None)
