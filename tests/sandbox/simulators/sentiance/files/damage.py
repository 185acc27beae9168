"""Files with something wrong in them, or merely unusual."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import TypeAlias

from tests.sandbox.simulators.chance import chance
from tests.sandbox.simulators.sentiance.faults import Fault, Kind
from tests.sandbox.simulators.sentiance.files.layout import Layout, Row, cell

EXTRA_COLUMN, EXTRA_CELL = "signal_quality", "good"
FILLER = {"type": "filler", "note": "x" * 200}


class BadRow(tuple[object, ...]):
    """One that nobody can read."""

    __slots__ = ()


@dataclass(frozen=True)
class Table:
    """What is about to be written."""

    layout: Layout
    columns: Sequence[str]
    rows: Iterator[Row]
    has_header: bool = True

    def place(self, column: str) -> int | None:
        return self.columns.index(column) if column in self.columns else None

    def with_cells(
        self, column: str, change: Callable[[str], object], *, only: int | None
    ) -> "Table":
        """The cells of a column changed, in so many rows from the first."""
        place = self.place(column)
        if place is None:
            return self

        def changed() -> Iterator[Row]:
            for row in islice(self.rows, only):
                yield (*row[:place], change(str(row[place])), *row[place + 1 :])
            yield from self.rows

        return replace(self, rows=changed())


Change: TypeAlias = Callable[[Table, Fault], Table]


def to_rows(table: Table, faults: Sequence[Fault]) -> Table:
    by_kind = {fault.fault: fault for fault in faults}
    for kind, change in ROW_CHANGES.items():
        if kind in by_kind:
            table = change(table, by_kind[kind])
    return table


def to_bytes(content: bytes, faults: Sequence[Fault]) -> bytes:
    for fault in faults:
        if fault.fault in BYTE_CHANGES:
            content = BYTE_CHANGES[fault.fault](content)
    return content


def _with_extra_column(table: Table, _: Fault) -> Table:
    rows = ((*row, EXTRA_CELL) for row in table.rows)
    return replace(table, columns=(*table.columns, EXTRA_COLUMN), rows=rows)


def _shuffled(table: Table, _: Fault) -> Table:
    order = list(range(len(table.columns)))
    chance(table.layout.name, "shuffled").shuffle(order)
    rows = (tuple(row[place] for place in order) for row in table.rows)
    return replace(table, columns=[table.columns[place] for place in order], rows=rows)


def _with_huge_cell(table: Table, fault: Fault) -> Table:
    return table.with_cells(table.layout.text, lambda text: _grown(text, fault.bytes), only=1)


def _grown(text: str, size: int) -> str:
    """JSON stays JSON: its list has more items."""
    if text[:1] not in ("{", "["):
        return (text or "x") * (size // max(1, len(text)) + 1)
    value = json.loads(text)
    items = value if isinstance(value, list) else next(iter(value.values()))
    seed = list(items) or [FILLER]
    items.extend(seed * (size // len(cell(seed)) + 1))
    return cell(value)


def _with_newlines(table: Table, _: Fault) -> Table:
    return table.with_cells(table.layout.text, _broken_up, only=None)


def _broken_up(text: str) -> str:
    """JSON stays JSON: none of its texts has a comma."""
    return text.replace(",", ",\n") if text[:1] in ("{", "[") else f"{text}\nand a second line"


def _with_scientific_epoch(table: Table, _: Fault) -> Table:
    return table.with_cells(table.layout.epoch, lambda text: f"{int(text):.5E}", only=None)


def _with_bad_rows(table: Table, fault: Fault) -> Table:
    number = table.place(table.layout.number)
    spoil: list[Callable[[Row], Row]] = []
    if fault.spoil != "number" or number is None:
        spoil += [lambda row: row[:-1], lambda row: (*row, "surplus")]
    if fault.spoil != "cells" and number is not None:
        spoil.append(lambda row: (*row[:number], "many", *row[number + 1 :]))

    def spoilt() -> Iterator[Row]:
        ways = cycle(spoil)
        for count, row in enumerate(table.rows):
            yield BadRow(next(ways)(row)) if count % fault.rows == 0 else row

    return replace(table, rows=spoilt())


def _emptied(table: Table, fault: Fault) -> Table:
    return replace(table, rows=iter(()), has_header=fault.header)


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0x10]) + content[middle + 1 :]


# Bad rows come last: what has the wrong number of cells has no columns.
ROW_CHANGES: Mapping[Kind, Change] = {
    Kind.HUGE_CELL: _with_huge_cell,
    Kind.QUOTED_NEWLINES: _with_newlines,
    Kind.SCIENTIFIC_EPOCH: _with_scientific_epoch,
    Kind.EXTRA_COLUMN: _with_extra_column,
    Kind.SHUFFLED_HEADER: _shuffled,
    Kind.BAD_ROWS: _with_bad_rows,
    Kind.EMPTY_FILE: _emptied,
}
BYTE_CHANGES: Mapping[Kind, Callable[[bytes], bytes]] = {
    Kind.CORRUPT_GZIP: _flipped,
    Kind.TRUNCATED_GZIP: lambda content: content[: len(content) * 3 // 4],
    Kind.ZERO_BYTES: lambda _: b"",
}
