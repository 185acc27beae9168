"""People at the command line: registered, blocked, linked; and an API that holds its word."""

from collections.abc import Mapping
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.integration.insurer import Insurer, Said
from tests.sandbox.simulators.move import SECRET
from tests.unit.test_openapi import CHECKS

PERSON, LATER = "driver-0001", "driver-0002"
WHY = ("--reason", "contract suspended")
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
