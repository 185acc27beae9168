"""The document that describes the private API: it holds, whatever is asked."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from functions import describe_api
from telematics import openapi
from tests.unit import private_api
from tests.unit.lambda_call import Context
from tests.unit.private_call import PROBLEM, answered, event
from tests.unit.user_desk import UserDesk, desk

__all__ = ["desk"]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
Operation = tuple[str, str]
OPERATIONS: list[Operation] = [
    (method.upper(), path)
    for path, told in openapi.document()["paths"].items()
    for method in told
    if path.startswith(("/v1/users", "/v1/openapi"))
]


def document() -> dict[str, Any]:  # Any: OpenAPI
    return openapi.document()


def test_the_document_is_served() -> None:
    told = answered(describe_api.handler(event("GET /v1/openapi.json"), Context())).told
    assert told["openapi"].startswith("3.1")
    assert told == document()


def test_every_refusal_is_a_problem_and_every_call_is_signed() -> None:
    told = document()
    assert told["security"] == [{"sigv4": []}]
    for path in told["paths"].values():
        for operation in path.values():
            for code, response in operation["responses"].items():
                is_refusal = int(code) >= 400
                assert is_refusal == (PROBLEM in response["content"]) or code in ("403", "429")
            assert not operation["summary"].startswith(("GET /", "POST /"))


def test_nothing_in_the_document_points_nowhere() -> None:
    text = json.dumps(document())
    named = set(re.findall(r"#/components/schemas/([^\"]+)", text))
    assert named <= set(document()["components"]["schemas"])
    assert not re.search(r"HTTPValidationError|ResponseValidationError", text)


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_no_call_fails_and_no_answer_is_outside_the_document(
    desk: UserDesk, operation: Operation
) -> None:
    desk.add("anna", move="m-1")
    method, path = operation
    found = _schema()[path][method]
    somebody = st.sampled_from(["anna", "nobody"])

    @given(case=found.as_strategy(), user_id=st.one_of(st.none(), somebody))
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(case: Any, user_id: str | None) -> None:  # Any: schemathesis' own
        if user_id and "user_id" in (case.path_parameters or {}):
            case.path_parameters["user_id"] = user_id
        case.call_and_validate(checks=CHECKS)

    checked: Callable[[], None] = holds
    checked()
    assert desk.show("anna").status in (200, 410)


@cache
def _schema() -> Any:  # Any: schemathesis' own
    return schemathesis.openapi.from_asgi("/v1/openapi.json", private_api.create())
