"""What the simulator's files look like when a fault is in them, and that it is told truthfully."""

import io
import json
import math
import zlib

import pytest

from telematics import raw
from telematics.providers.sentiance import rows as reader
from telematics.reading import Reading
from tests.sandbox.simulators.sentiance.faults import Fault, Faults
from tests.sandbox.simulators.sentiance.files import catalog
from tests.sandbox.simulators.sentiance.files.file import Facts
from tests.sandbox.simulators.sentiance.settings import Settings
from tests.sandbox.simulators.sentiance.shelf import Shelf
from tests.unit.simulated_offloads import (
    DAY,
    NAMES,
    NOW,
    edition,
    records,
    records_of,
    shelf,
    taken,
    text,
)


def damaged(name: str, **fault: object) -> tuple[Facts, bytes]:
    return taken(shelf([Fault.model_validate({"type": name, **fault})]), name)


@pytest.mark.parametrize("fault", ["corrupt_gzip", "truncated_gzip"])
@pytest.mark.parametrize("name", ["transports", "driving_insights", "groups"])
def test_damaged_gzip_is_no_gzip(name: str, fault: str) -> None:
    facts, content = damaged(name, fault=fault)
    assert facts.size == len(content)
    with pytest.raises(zlib.error):
        text(content)


def test_a_file_may_be_empty_in_three_ways() -> None:
    header = ",".join(catalog.BY_NAME["badges"].columns) + "\n"
    assert text(damaged("badges", fault="empty_file")[1]) == header
    assert text(damaged("badges", fault="empty_file", header=False)[1]) == ""
    assert damaged("badges", fault="zero_bytes")[1] == b""
    assert damaged("badges", fault="empty_file")[0].rows == 0


def test_several_members_and_columns_in_another_order_are_the_same_rows() -> None:
    plain = records_of("transports")
    facts, content = damaged("transports", fault="multi_member", parts=4)
    _, shuffled = damaged("transports", fault="shuffled_header")

    assert content.count(b"\x1f\x8b\x08") >= 4
    assert facts.rows == len(plain)
    assert records(content, catalog.BY_NAME["transports"]) == plain
    found = records(shuffled, catalog.BY_NAME["transports"])
    assert found == plain
    assert list(found[0]) != list(plain[0])


def test_unusual_rows_hold_the_same_data() -> None:
    plain = records_of("transports")[0]
    layout = catalog.BY_NAME["transports"]
    extra = records(damaged("transports", fault="extra_column")[1], layout)[0]
    broken_up = records(damaged("transports", fault="quoted_newlines")[1], layout)[0]
    huge = records(damaged("transports", fault="huge_cell", bytes=300_000)[1], layout)[0]

    assert extra == {**plain, "signal_quality": "good"}
    assert "\n" in broken_up["waypoints"]
    assert json.loads(broken_up["waypoints"]) == json.loads(plain["waypoints"])
    assert len(huge["waypoints"]) >= 300_000
    assert (
        json.loads(huge["waypoints"])["waypoints"][:2]
        == json.loads(plain["waypoints"])["waypoints"][:2]
    )


def test_an_epoch_may_be_in_scientific_notation() -> None:
    name = "primary_safety_scores_users"
    content = damaged(name, fault="scientific_epoch")[1]
    assert {row["timestamp"][-4:] for row in records(content, catalog.BY_NAME[name])} == {"E+12"}


@pytest.mark.parametrize("spoil", ["cells", "number", "both"])
@pytest.mark.parametrize("name", ["transports", "primary_safety_scores_users", "driving_insights"])
def test_bad_rows_are_those_that_the_converter_finds(name: str, spoil: str) -> None:
    facts, content = damaged(name, fault="bad_rows", rows=7, spoil=spoil)
    good, bad = _read(name, text(content))

    assert facts.bad_rows == math.ceil((facts.rows + facts.bad_rows) / 7)
    assert (good, bad) == (facts.rows, facts.bad_rows)


def _read(name: str, content: str) -> tuple[int, int]:
    extension = catalog.BY_NAME[name].format
    key = raw.RawKey("sentiance", name, DAY, name, extension)
    stream: io.BufferedReader = io.BufferedReader(io.BytesIO(content.encode()))
    chunks = [chunk for _, chunk in reader.chunks(key, stream, Reading())]
    return sum(chunk.rows.num_rows for chunk in chunks), sum(len(chunk.bad) for chunk in chunks)


@pytest.mark.parametrize("name", NAMES)
def test_the_converter_reads_every_file_whole(name: str) -> None:
    facts, content = taken(shelf(), name)
    assert _read(name, text(content)) == (facts.rows, 0)


def test_a_fault_is_over_after_so_many_downloads() -> None:
    faults = Faults()
    faults.add([Fault.model_validate({"fault": "empty_file", "count": 1})])
    made = Shelf(Settings(users=5, now=lambda: NOW), faults)
    first = edition(made, "transports")
    faults.spend(first.faults)

    assert first.faults
    assert not edition(made, "transports").faults


def test_contents_are_forgotten_and_facts_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.sandbox.simulators.sentiance.shelf.CACHED_BYTES", 1)
    made = shelf(users=3)
    kept = {name: made.facts(edition(made, name)) for name in NAMES}
    assert len(made._contents) == 1
    assert {name: made.facts(edition(made, name)) for name in NAMES} == kept
