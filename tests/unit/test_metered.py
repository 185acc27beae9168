"""What is read of a Parquet file: its footer, the columns that are asked for, and nothing twice."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from infra.cli.engines.iceberg import LARGE_FILES, SMALL_FILES
from infra.cli.engines.metered import Meter, metered

SMALL, LARGE, MANY = 100, 50_000, 5_000  # rows; those of many are in groups of ten
ENDS = 8


@pytest.fixture(params=[(SMALL, SMALL), (LARGE, LARGE), (MANY, 10)], ids=["small", "large", "many"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Smaller than what Arrow asks for to find a footer; larger; with a footer larger than that."""
    count, group = request.param
    numbers = pa.array(range(count))
    names = [f"{number:032}" for number in range(count)]
    path = tmp_path / "file.parquet"
    rows = pa.table({"number": numbers, "name": names})
    pq.write_table(rows, path, row_group_size=group, compression="none")
    return path


def read(
    file: Path, meter: Meter, format: ds.ParquetFileFormat, columns: Sequence[str]
) -> pa.Table:
    fragment = format.make_fragment(str(file), metered(fs.LocalFileSystem(), meter))
    table: pa.Table = fragment.to_table(columns=list(columns))
    return table


def footer(file: Path) -> int:
    size: int = pq.read_metadata(file).serialized_size
    return size + ENDS


def column(file: Path, place: int) -> int:
    metadata = pq.read_metadata(file)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    return sum(one.column(place).total_compressed_size for one in groups)


@pytest.mark.parametrize("format", [SMALL_FILES, LARGE_FILES], ids=["at once", "streamed"])
@pytest.mark.parametrize("columns", [["number", "name"], ["name"]])
def test_the_rows_are_those_of_the_file(
    file: Path, format: ds.ParquetFileFormat, columns: Sequence[str]
) -> None:
    assert read(file, Meter(), format, columns) == pq.read_table(file, columns=columns)


def test_of_the_end_the_footer_alone_is_read(file: Path) -> None:
    meter = Meter()
    fragment = SMALL_FILES.make_fragment(str(file), metered(fs.LocalFileSystem(), meter))
    fragment.ensure_complete_metadata()
    assert meter.bytes == footer(file)


def test_everything_is_read_once(file: Path) -> None:
    meter = Meter()
    for _ in range(2):
        read(file, meter, SMALL_FILES, ["number", "name"])
        assert meter.bytes == footer(file) + column(file, 0) + column(file, 1)
    assert meter.files == 1


def test_a_file_that_was_cut_off_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises((pa.ArrowInvalid, OSError), match="Parquet"):
        read(file, Meter(), SMALL_FILES, ["number"])


@pytest.mark.parametrize("body", [b"", b"PAR1", b"\xff\xff\xff\xffPAR1", b"\xff\xff\xff\x0fPAR1"])
def test_what_is_no_parquet_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "file.parquet"
    path.write_bytes(body)
    with pytest.raises((pa.ArrowInvalid, OSError), match="Parquet"):
        read(path, Meter(), SMALL_FILES, ["number"])
