"""People at the command line: registered, blocked, linked; and an API that holds its word."""

import csv
import io
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.integration.insurer import Insurer, Said
from tests.sandbox.simulators.move import SECRET
from tests.unit.test_openapi import CHECKS

PERSON, LATER = "person-4711", "person-4712"  # whom no other test knows
WHY = ("--reason", "contract suspended")
DAY, SEEN_WITHIN_SECONDS = "2023-05-22", 15.0
# The emulator looks for a signature, and not into it.
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/b/execute-api/aws4_request,"
    " SignedHeaders=host, Signature=0"
}


def user(insurer: Insurer, *words: str, code: int = 0) -> Any:  # Any: JSON
    said: Said = insurer.telematics("user", *words, "--json")
    assert said.code == code, said.err
    return said.json if said.out else said.err


def is_admitted_at_move(insurer: Insurer, contract: str) -> bool:
    answer = httpx.get(
        f"{insurer.sandbox.simulators['move']}/timeline/v1_5",
        params={"productId": SECRET["product_id"], "contractId": contract},
        auth=(SECRET["product_id"], SECRET["api_key"]),
    )
    assert answer.status_code in (200, 403)
    return answer.status_code == 200


def test_somebody_is_registered_blocked_unblocked_linked_and_listed(insurer: Insurer) -> None:
    added = user(insurer, "add", PERSON, "--move", PERSON, "--link", "sentiance")
    assert set(added["credentials"]) == {"move", "sentiance"}
    assert added["links"] == {"move": PERSON}
    again = user(insurer, "add", PERSON, "--move", PERSON, "--link", "sentiance")
    assert again["created_at"] == added["created_at"]
    assert again["credentials"]["sentiance"] != added["credentials"]["sentiance"]
    taken = user(insurer, "add", LATER, "--move", PERSON, code=1)
    assert "is linked to somebody else (409)" in taken

    insurer.move.misbehave(fault="error", at="block", count=4)
    told = user(insurer, "block", PERSON, *WHY, code=3)
    assert (told["status"], told["providers"]) == ("blocked", {"move": "failed"})
    assert is_admitted_at_move(insurer, PERSON)
    insurer.move.behave()
    assert user(insurer, "block", PERSON, *WHY)["providers"] == {"move": "told"}
    assert not is_admitted_at_move(insurer, PERSON)
    assert insurer.whole_status()["users"]["blocked"] >= 1

    assert user(insurer, "unblock", PERSON, *WHY)["status"] == "active"
    assert is_admitted_at_move(insurer, PERSON)
    linked = user(insurer, "link", PERSON, "dashcam", "d-1")
    assert linked["links"] == {"move": PERSON, "dashcam": "d-1"}
    assert PERSON in [one["user_id"] for one in user(insurer, "list", "--status", "active")]
    log = user(insurer, "show", PERSON, "--log")["access_log"]
    done = ["add", "add", "block", "block", "unblock", "link"]
    assert [one["action"] for one in log] == done
    assert {one["reason"] for one in log[2:5]} == {"contract suspended"}
    assert log[2]["result"] == "blocked, move: failed"


def seen(insurer: Insurer, user_id: str, expected: list[tuple[str, ...]]) -> None:
    """In the lake, soon."""
    names = ("provider", "provider_user_id", "status")
    sql = f"select {', '.join(names)} from users where user_id = '{user_id}' order by provider"  # noqa: S608  # own
    deadline = time.monotonic() + SEEN_WITHIN_SECONDS
    while [tuple(row[name] for name in names) for row in insurer.query(sql)] != expected:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_the_lake_sees_them_and_an_export_has_their_rows_and_nobody_else_s(
    insurer: Insurer, tmp_path: Path
) -> None:
    assert insurer.fetch(DAY).code == 0
    insurer.notified(**{"from": DAY, "to": DAY, "batch": 25, "types": ["DRIVING"]})
    # Sentiance tells our id beside its own, which nobody has linked.
    theirs, *others = insurer.query(
        "select m.provider_user_id as ours, t.provider_user_id as sentiance"  # noqa: S608  # own
        " from sentiance_transports t"
        " join move_timeline_items m on m.provider_user_id = t.metadata_user_id"
        f" where t.day = date '{DAY}' and m.provider_user_id not in"
        " (select user_id from users)"
        " group by m.provider_user_id, t.provider_user_id"
    )
    assert others
    person = theirs["ours"]
    user(insurer, "add", person, "--move", person)
    seen(insurer, person, [("move", person, "active")])
    user(insurer, "block", person, *WHY)
    seen(insurer, person, [("move", person, "blocked")])

    place = tmp_path / "export.zip"
    told = user(insurer, "export", person, "--out", str(place))
    for table, name in (
        ("move_timeline_items", person),
        ("sentiance_transports", theirs["sentiance"]),
    ):
        assert told["tables"][table] == insurer.count(table, f"provider_user_id = '{name}'") > 0
        with ZipFile(place) as archive:
            rows = csv.DictReader(io.StringIO(archive.read(f"lake/{table}.csv").decode()))
        assert {row["provider_user_id"] for row in rows} == {name}
    with ZipFile(place) as archive:
        everything = b"".join(archive.read(one) for one in archive.namelist())
    assert not [one for one in others if one["sentiance"].encode() in everything]
    log = user(insurer, "show", person, "--log")["access_log"]
    assert [one["action"] for one in log] == ["add", "block", "exported"]
    user(insurer, "unblock", person, *WHY)
    user(insurer, "unlink", person, "move")


def test_nobody_gets_in_unsigned_and_no_answer_is_outside_the_document(insurer: Insurer) -> None:
    url = insurer.stack.api_url
    refused = httpx.post(f"{url}/v1/users", json={"user_id": "unsigned"})
    assert refused.status_code == 403
    assert httpx.get(f"{url}/v1/users/unsigned", headers=SIGNED).status_code == 404

    document: Mapping[str, Any] = httpx.get(f"{url}/v1/openapi.json", headers=SIGNED).json()
    api = schemathesis.openapi.from_dict(dict(document))
    for path, told in document["paths"].items():
        for method in told:
            holds(api[path][method.upper()], url)


def holds(operation: Any, url: str) -> None:  # Any: schemathesis' own
    @given(case=operation.as_strategy())
    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    def checked(case: Any) -> None:
        case.validate_response(case.call(base_url=url, headers=SIGNED), checks=CHECKS)

    run: Any = checked
    run()
