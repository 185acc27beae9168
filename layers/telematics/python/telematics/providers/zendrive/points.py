"""Series of points by the thousand: JSON arrays into Arrow, without an object for each of them.

An array is parsed as a whole. Only one that does not fit as a whole, and those points that can't be
read, are looked at one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from telematics import columns, versions
from telematics.columns import ARROW_TYPES, INSTANT
from telematics.datasets import Column, Kind, lake_name, timestamp
from telematics.errors import MalformedPayload
from telematics.providers.zendrive import about, datasets, records
from telematics.providers.zendrive.datasets import OFFSET
from telematics.versions import Row, Unreadable

_LIMITS: Mapping[str, float] = {"latitude": 90.0, "longitude": 180.0}
_ZONE_CHARACTERS = 6  # of a time: -05:00
_PLAIN = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_string)


class _Unusual(Exception):
    """An array that does not fit as a whole."""


@dataclass(frozen=True)
class Series:
    """How a kind of points is told: which member is the time, which shows the place's clocks.

    `needed` names the columns without which a point is of no use.
    """

    name: str
    dataset: str
    epoch: str
    clock: str
    columns: Sequence[Column]
    needed: Sequence[str]

    @cached_property
    def numbers(self) -> list[Column]:
        return [one for one in self.columns if one.kind is Kind.NUMBER]

    @cached_property
    def taken(self) -> set[str]:
        """The names of the table's columns."""
        table = next(one for one in datasets.DATASETS if one.name == self.dataset)
        return {one.name for one in table.columns}

    @cached_property
    def known(self) -> dict[str, pa.DataType]:
        times = {self.epoch: pa.int64(), self.clock: pa.string()}
        return times | {one.source: pa.float64() for one in self.numbers}


_PLACED = ("time", "latitude", "longitude")
RAW_GPS = Series("raw_gps", "gps_points", "timestamp", "date_time", datasets.POINT, _PLACED)
SIMPLE_PATH = Series(
    "simple_path", "gps_points", "time_millis", "timestamp", datasets.POINT, _PLACED
)
MOTION = Series("motion", "motion", "timestamp", "date_time", datasets.SAMPLE, ("time",))


@dataclass(frozen=True)
class Points:
    """Those that can be read, under the lake's names, and those that can't."""

    rows: pa.Table
    unreadable: Sequence[Unreadable] = field(default=())

    def of(self, which: Row) -> pa.Table:
        """With what says whose they are."""
        return columns.beside(self.rows, which)


NONE = Points(pa.table({}))


def read(series: Series, content: bytes) -> Points:
    """Raises MalformedPayload when it is no array."""
    try:
        rows = _whole(series, content)
    except (pa.ArrowException, _Unusual):
        return _each(series, enumerate(records.elements(content, series.name), start=1))
    usable = _usable(series, rows)
    if pc.all(usable).as_py():
        return Points(rows)
    parts = records.elements(content, series.name)
    odd = [place for place, good in enumerate(usable.to_pylist()) if not good]
    rest = _each(series, ((place + 1, parts[place]) for place in odd))
    good = rows.filter(usable)
    return Points(pa.concat_tables([good, rest.rows], promote_options="default"), rest.unreadable)


def _whole(series: Series, content: bytes) -> pa.Table:
    """Raises pa.ArrowException or _Unusual where the points are not all as expected."""
    members = _members(content, series.known)
    clock = members[series.clock]
    cells = {"time": _instants(members[series.epoch], clock), OFFSET: _offsets(clock)}
    cells |= {one.name: _measured(one, members[one.source]) for one in series.numbers}
    for name, found in members.items():
        if name not in series.known:
            cells[records.free(lake_name(name), series.taken | cells.keys())] = _text(found)
    return pa.table(cells)


def _members(content: bytes, types: Mapping[str, pa.DataType]) -> dict[str, pa.Array]:
    """Each member of all the points; those that are not known are of the type they seem to be."""
    points = _parsed(content, types)
    # It takes for times what nobody declared as such: these are asked for as they are spelt.
    if texts := [one.name for one in points.type if pa.types.is_timestamp(one.type)]:
        points = _parsed(content, {**types, **dict.fromkeys(texts, pa.string())})
    return dict(zip((one.name for one in points.type), points.flatten(), strict=True))


def _parsed(content: bytes, types: Mapping[str, pa.DataType]) -> pa.StructArray:
    """As the one value of a document of one line, in one block: nothing need be cut apart."""
    document = b'{"points":' + content + b"}"
    points = pa.list_(pa.struct(list(types.items())))
    found = arrow_json.read_json(
        pa.BufferReader(document),
        read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(document) + 1),
        parse_options=arrow_json.ParseOptions(
            explicit_schema=pa.schema([("points", points)]),
            newlines_in_values=True,
            unexpected_field_behavior="infer",
        ),
    )
    return found["points"].chunk(0).values


def _instants(epochs: pa.Array, clock: pa.Array) -> pa.Array:
    """Milliseconds since 1970; only where there are none, what the clock shows."""
    is_time = pc.and_(pc.greater_equal(epochs, 0), pc.less(epochs, about.MILLISECONDS_UNTIL))
    milliseconds = pc.if_else(is_time, epochs, None)
    times = pc.multiply(milliseconds, 1000).cast(INSTANT)
    return pc.coalesce(times, clock.cast(INSTANT)) if epochs.null_count else times


def _offsets(clock: pa.Array) -> pa.Array:
    """In minutes. Many times end alike: each ending is read once."""
    endings = pc.utf8_slice_codeunits(clock, start=-_ZONE_CHARACTERS).dictionary_encode()
    minutes = [records.offset_minutes(one) for one in endings.dictionary.to_pylist()]
    return pa.array(minutes, pa.int64()).take(endings.indices)


def _measured(column: Column, cells: pa.Array) -> pa.Array:
    for absent in column.missing:
        cells = pc.if_else(pc.equal(cells, absent), None, cells)
    return cells


def _text(cells: pa.Array) -> pa.Array:
    """Raises _Unusual for what is nested: that is text as it is spelt."""
    if pa.types.is_null(cells.type):
        return cells.cast(pa.string())
    if not any(is_plain(cells.type) for is_plain in _PLAIN):
        raise _Unusual
    texts = cells.cast(pa.string())
    return pc.if_else(pc.is_in(texts, pa.array(records.NOTHING)), None, texts)


def _usable(series: Series, rows: pa.Table) -> pa.ChunkedArray:
    found = pa.chunked_array([pa.repeat(True, rows.num_rows)])
    for name in series.needed:
        cells = rows[name]
        found = pc.and_(found, cells.is_valid())
        if limit := _LIMITS.get(name):
            found = pc.and_(found, pc.fill_null(pc.less_equal(pc.abs(cells), limit), False))
    return found


def _each(series: Series, parts: Iterable[tuple[int, msgspec.Raw]]) -> Points:
    """One by one: what does not fit otherwise."""
    rows: list[Row] = []
    unreadable: list[Unreadable] = []
    for place, content in parts:
        try:
            rows.append(_point(series, bytes(content)))
        except (*versions.NOT_READABLE, MalformedPayload) as error:
            shown = bytes(content).decode(errors="replace")
            unreadable.append(Unreadable(place, f"{series.name}: {error}", shown))
    types = {"time": INSTANT} | {one.name: ARROW_TYPES[one.kind] for one in series.columns}
    names = dict.fromkeys((*types, *(name for row in rows for name in row)))
    schema = pa.schema([(name, types.get(name, pa.string())) for name in names])
    return Points(pa.Table.from_pylist(rows, schema), unreadable)


def _point(series: Series, content: bytes) -> Row:
    """Raises MalformedPayload."""
    found = records.decoded(content)
    clock = found.get(series.clock)
    time = next((one for one in (found.get(series.epoch), clock) if records.shown(one)), None)
    row = {
        "time": records.cell(timestamp(series.epoch), time),
        OFFSET: records.offset_minutes(clock),
        **{one.name: records.cell(one, found.get(one.source)) for one in series.numbers},
    }
    if missing := [name for name in series.needed if row[name] is None]:
        raise MalformedPayload(f"{', '.join(missing)}: missing")
    if beyond := [name for name, limit in _LIMITS.items() if abs(row.get(name) or 0) > limit]:
        raise MalformedPayload(f"{', '.join(beyond)}: not on this planet")
    return row | records.undeclared(found, series.known, series.taken)
