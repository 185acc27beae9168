"""What the provider can do wrong, what the user sees of it, and that nothing is lost.

Each fault has a day of its own. Where it lasts, the same command is given again when it is over,
and then every file is loaded.
"""

from typing import Any

import pytest
from _pytest.mark import ParameterSet

from telematics.catalog import PROVIDERS
from tests.integration.insurer import Insurer

OFFLOADS = len(PROVIDERS["sentiance"].datasets)
TRIPS = "transports"


def missing(said_json: dict[str, Any]) -> dict[str, str]:
    return {one["file"]: one["reason"] for one in said_json["missing"]}


def thorough(*values: object) -> ParameterSet:
    """Much like the others: only where there is time."""
    return pytest.param(*values, marks=pytest.mark.thorough)


def assert_all_is_there(insurer: Insurer, day: str, *, offloads: int = OFFLOADS) -> None:
    status = insurer.status(day)
    assert (status["listed"], status["loaded"]) == (offloads, offloads)
    good = sum(one["rows"] for one in insurer.provider.truth(day) if one["type"] == TRIPS)
    assert insurer.count("sentiance_transports", f"day = date '{day}'") == good


@pytest.mark.fault("down", of=("sentiance",))
@pytest.mark.parametrize(
    ("day", "fault"),
    [
        ("2023-07-01", {"fault": "busy", "count": 3}),
        thorough("2023-07-02", {"fault": "busy", "count": 2, "date_form": True, "at": "list"}),
        thorough("2023-07-03", {"fault": "broken", "count": 3}),
        thorough("2023-07-04", {"fault": "cut", "type": TRIPS, "count": 2}),
        thorough("2023-07-05", {"fault": "expired_link", "type": TRIPS, "count": 1}),
        thorough("2023-07-06", {"fault": "expired_link", "type": TRIPS, "count": 2, "bytes": 1000}),
        thorough("2023-07-07", {"fault": "slow", "type": TRIPS, "seconds": 0.05, "bytes": 2048}),
        thorough("2023-07-08", {"fault": "null_link", "type": TRIPS, "count": 2}),
        thorough("2023-07-09", {"fault": "duplicate_listing"}),
        ("2023-07-10", {"fault": "corrupt_gzip", "type": TRIPS, "count": 1}),
    ],
)
def test_a_passing_fault_is_overcome(insurer: Insurer, day: str, fault: dict[str, Any]) -> None:
    insurer.provider.misbehave(**fault)
    said = insurer.fetch(day)
    assert (said.code, said.json["missing"]) == (0, []), said.err
    insurer.provider.behave()
    assert_all_is_there(insurer, day)


@pytest.mark.fault("down", "poison", of=("sentiance",))
@pytest.mark.parametrize(
    ("day", "fault", "reason"),
    [
        ("2023-07-11", {"fault": "wrong_size", "type": TRIPS}, "bytes came of the"),
        thorough("2023-07-12", {"fault": "corrupt_gzip", "type": TRIPS}, "gzip"),
        thorough("2023-07-13", {"fault": "truncated_gzip", "type": TRIPS}, "gzip"),
        thorough("2023-07-14", {"fault": "null_link", "type": TRIPS}, "link"),
        thorough("2023-07-15", {"fault": "missing_scope", "type": TRIPS, "at": "link"}, "scope"),
    ],
)
def test_a_lasting_fault_is_a_hole_with_its_reason(
    insurer: Insurer, day: str, fault: dict[str, Any], reason: str
) -> None:
    insurer.provider.misbehave(**fault)
    said = insurer.fetch(day)
    assert said.code == 3
    [(file, why)] = missing(said.json).items()
    assert file.startswith(f"{day}/transports/")
    assert reason in why
    assert insurer.status(day)["loaded"] == OFFLOADS - 1
    assert insurer.count("sentiance_transports", f"day = date '{day}'") == 0

    insurer.provider.behave()
    assert insurer.fetch(day).code == 0
    assert_all_is_there(insurer, day)


def test_a_key_without_its_scope_is_said_at_once(insurer: Insurer) -> None:
    insurer.provider.misbehave(fault="missing_scope", at="list")
    said = insurer.telematics("fetch", "sentiance", "--from", "2023-07-16", "--to", "2023-07-16")
    assert said.code == 1
    assert "OFFLOADS_READ" in said.err


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        thorough("2023-08-01", {"fault": "multi_member"}),
        thorough("2023-08-02", {"fault": "shuffled_header"}),
        thorough("2023-08-03", {"fault": "extra_column"}),
        thorough("2023-08-04", {"fault": "huge_cell"}),
        thorough("2023-08-05", {"fault": "quoted_newlines"}),
        thorough("2023-08-06", {"fault": "scientific_epoch"}),
        thorough("2023-08-07", {"fault": "empty_file"}),
        ("2023-08-08", {"fault": "empty_file", "header": False}),
    ],
)
def test_a_file_of_any_shape_is_read(insurer: Insurer, day: str, fault: dict[str, Any]) -> None:
    insurer.provider.misbehave(**fault, day=day)
    said = insurer.fetch(day)
    assert (said.code, said.json["missing"]) == (0, []), said.err
    assert said.json["quarantined"] == 0
    assert_all_is_there(insurer, day)


def test_a_file_announced_as_nothing_is_an_empty_one(insurer: Insurer) -> None:
    day = "2023-08-09"
    insurer.provider.misbehave(fault="zero_bytes", type=TRIPS, day=day)
    said = insurer.fetch(day)
    assert (said.code, said.json["missing"], said.json["loaded"]) == (0, [], OFFLOADS)
    assert insurer.count("sentiance_transports", f"day = date '{day}'") == 0


@pytest.mark.fault("poison", of=("sentiance",))
def test_bad_rows_are_quarantined_and_the_others_loaded(insurer: Insurer) -> None:
    day = "2023-08-10"
    insurer.provider.misbehave(fault="bad_rows", type=TRIPS, day=day)
    said = insurer.fetch(day)
    assert said.code == 0
    [truth] = [one for one in insurer.provider.truth(day) if one["type"] == TRIPS]
    where = f"day = date '{day}'"
    assert said.json["quarantined"] == truth["bad_rows"] > 0
    assert insurer.count("quarantine", where) == truth["bad_rows"]
    assert insurer.count("sentiance_transports", where) == truth["rows"]
    first = insurer.query("select day, line, reason from quarantine order by day desc, line")[0]
    assert (first["day"], first["line"]) == (day, 2)
    assert first["reason"]


def test_a_type_nobody_knows_gets_its_table(insurer: Insurer) -> None:
    day = "2023-08-11"
    insurer.provider.misbehave(fault="unknown_type", day=day)
    assert insurer.fetch(day).code == 0
    assert_all_is_there(insurer, day, offloads=OFFLOADS + 1)
    assert insurer.count("sentiance_trip_carbon") > 0


@pytest.mark.parametrize(
    ("day", "same_name"), [thorough("2023-08-12", False), ("2023-08-13", True)]
)
def test_an_offload_of_several_files_loads_all_of_them(
    insurer: Insurer, day: str, same_name: bool
) -> None:
    insurer.provider.misbehave(fault="several_files", type=TRIPS, day=day, same_name=same_name)
    assert insurer.fetch(day).code == 0
    assert_all_is_there(insurer, day, offloads=OFFLOADS + 2)


def test_columns_that_nobody_declared_can_be_asked_for(insurer: Insurer) -> None:
    day = "2023-08-14"
    insurer.provider.misbehave(fault="extra_column", type=TRIPS, day=day)
    insurer.fetch(day)
    where = f"day = date '{day}' and signal_quality is not null"
    assert insurer.count("sentiance_transports", where) > 0
