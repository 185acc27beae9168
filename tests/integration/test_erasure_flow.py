"""Somebody is erased while their data keeps coming: nothing is left, and nobody else is hurt."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.cli import views
from tests.integration.claims import Claims
from tests.integration.conftest import SEED, looked_through
from tests.integration.insurer import Insurer
from tests.integration.traces import Search
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.simulators.people import Person, Population

USERS = 4
DAY = (datetime.now(UTC) - timedelta(days=9)).date()
LATER = (DAY + timedelta(days=1)).isoformat()
SHORTEST_SOUGHT = 6


@pytest.fixture(scope="module")
def own(start: Callable[[str, int], Sandbox]) -> Iterator[Insurer]:
    """A sandbox of its own: whom it erases is missing there for good."""
    with looked_through(start("erasure", USERS)) as started:
        yield Insurer(started)


@pytest.fixture(scope="module")
def person(own: Insurer) -> Person:
    """Whom every provider knows, with what they sent us of one day, and a claim."""
    day = DAY.isoformat()
    assert own.fetch(day).code == 0
    own.notified(**{"from": day, "to": day})
    assert own.telematics("sync", "dashcam", "--from", day, "--to", day).code == 0
    known = own.query(
        "select distinct m.provider_user_id as id from move_timeline_items m"
        " join sentiance_transports on metadata_user_id = m.provider_user_id"
    )
    drivers = {
        row["id"] for row in own.query("select distinct driver_id as id from dashcam_events")
    }
    names = {row["id"] for row in known}
    everybody = Population(SEED, USERS)
    return next(one for one in everybody if one.user_id in names and one.number in drivers)


def links(own: Insurer, person: Person) -> dict[str, str]:
    return {
        "sentiance": person.identity("sentiance"),
        "move": person.user_id,
        "dashcam": str(person.number),
        "zendrive": own.zendrive.driver(person.user_id),
    }


def counted(own: Insurer, ids: dict[str, str]) -> tuple[dict[str, int], dict[str, int]]:
    """Rows of each table: theirs, and everybody else's."""
    tables = [row["table_name"] for row in own.query("show tables")]
    names = ", ".join(f"'{one}'" for one in ids.values())
    each = (
        f"select '{table}' as t, count_if(provider_user_id in ({names})) as theirs,"  # noqa: S608  # own
        f" count_if(coalesce(provider_user_id, '') not in ({names})) as others from {table}"
        for table in tables
        if table not in ("quarantine", "user_links", *views.views())
    )
    rows = own.query(" union all ".join(each))
    theirs = {row["t"]: row["theirs"] or 0 for row in rows}
    return theirs, {row["t"]: row["others"] or 0 for row in rows}


def erased(own: Insurer, user_id: str) -> dict[str, Any]:
    """By the command line, until it says that nothing is left."""
    words = ("user", "erase", user_id, "--reason", "asked for it", "--yes", "--wait", "--json")
    said = own.telematics(*words)
    assert said.code == 0, said.err
    return said.json  # type: ignore[no-any-return]  # it is JSON


@pytest.mark.fault("erasure", of=("sentiance", "move", "dashcam", "zendrive", "users"))
def test_who_is_erased_while_data_keeps_coming_is_found_nowhere(
    own: Insurer, person: Person
) -> None:
    ids = links(own, person)
    words = [word for name, id in ids.items() for word in (f"--{name}", id)]
    assert own.telematics("user", "add", person.user_id, *words).code == 0
    crash = own.zendrive.crash(ids["zendrive"])
    Claims(own).request(person.user_id, crash["date"], "claim 4711")
    own.wait_until_idle()
    theirs, others = counted(own, ids)
    assert theirs["sentiance_transports"] > 0
    assert theirs["move_timeline_items"] > 0
    assert theirs["dashcam_events"] > 0
    assert theirs["zendrive_trips"] > 0

    with ThreadPoolExecutor(2) as meanwhile:
        backfill = meanwhile.submit(own.fetch, LATER)
        told = meanwhile.submit(lambda: own.notified(**{"from": LATER, "to": LATER}))
        receipt = erased(own, person.user_id)["receipt"]
        assert backfill.result().code == 0
        told.result()
    own.wait_until_idle()

    left, everybody_else = counted(own, ids)
    assert not any(left.values()), left
    assert everybody_else["dashcam_events"] == others["dashcam_events"]
    assert all(everybody_else[table] >= count for table, count in others.items())
    # What came meanwhile may have been found and counted as well.
    assert all(receipt["found"]["rows"].get(table, 0) >= n for table, n in theirs.items())
    assert receipt["verified"]["remaining"] == 0
    assert receipt["providers"] == {
        "dashcam": "manual",
        "move": "revoked",
        "sentiance": "revoked",
        "zendrive": "manual",
    }
    assert len(receipt["manual_tasks"]) == 2
    sought = [one for one in {person.user_id, *ids.values()} if len(one) >= SHORTEST_SOUGHT]
    assert Search(own).places(sought) == []
    assert not [one for one in sought if one in json.dumps(receipt)]


@pytest.mark.fault("replay", of=("users",))
def test_who_was_erased_does_not_come_back(own: Insurer, person: Person) -> None:
    day = DAY.isoformat()
    ids = links(own, person)
    own.notified(**{"from": day, "to": day})
    own.provider.republish(day, "OFFLOAD_TYPE_TRANSPORTS")
    assert own.fetch(day).code == 0
    assert own.telematics("sync", "dashcam", "--from", day, "--to", day).code == 0
    own.wait_until_idle()
    left, _ = counted(own, ids)
    assert not any(left.values()), left
    sought = [one for one in {person.user_id, *ids.values()} if len(one) >= SHORTEST_SOUGHT]
    assert Search(own).places(sought) == []
    again = own.telematics("user", "add", person.user_id, "--move", person.user_id)
    assert again.code != 0
    assert "erased" in again.err
