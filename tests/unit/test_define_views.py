"""A deployment has Athena make the canonical views; what it refuses is told with its reason."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from functions import define_views
from infra.cli import views as files
from telematics import views
from telematics.settings import settings
from telematics.views import NO_ZONES, Definition, NotDefined, Views
from tests.unit.lambda_call import Context


class Deploying(Context):
    """A call whose log has a name."""

    log_stream_name = "log"


CONTEXT = Deploying()
TRIPS: Definition = {"Name": "trips", "Sql": "-- Trips\nselect a from t"}
USERS: Definition = {"Name": "users", "Sql": "select b from u"}
SUCCEEDED = {"State": "SUCCEEDED"}
RUNNING = {"State": "RUNNING"}


def failed(reason: str) -> Mapping[str, str]:
    return {"State": "FAILED", "StateChangeReason": reason}


class Athena:
    """Says of each query what becomes of it, look by look."""

    def __init__(self, *states: Mapping[str, str]) -> None:
        self.states = iter(states)
        self.asked: list[Mapping[str, Any]] = []

    def start_query_execution(self, **request: Any) -> Mapping[str, str]:  # Any: the API's
        self.asked.append(request)
        return {"QueryExecutionId": f"q-{len(self.asked)}"}

    def get_query_execution(self, **_: str) -> Mapping[str, Any]:
        return {"QueryExecution": {"Status": next(self.states)}}

    def get_query_results(self, **_: str) -> Mapping[str, Any]:
        columns = [
            {"Name": "trip_id", "Type": "varchar"},
            {"Name": "time", "Type": "timestamp with time zone"},
        ]
        return {"ResultSet": {"ResultSetMetadata": {"ColumnInfo": columns}}}

    @property
    def sql(self) -> list[str]:
        return [one["QueryString"] for one in self.asked]


def made(athena: Athena) -> Views:
    clock = iter(range(0, 100_000, 40))
    return Views(athena, "lake", "group", sleep=lambda _: None, clock=lambda: float(next(clock)))


def test_views_are_made_in_their_order_in_the_stack_s_workgroup() -> None:
    athena = Athena(RUNNING, SUCCEEDED, SUCCEEDED)
    assert list(made(athena).define([USERS, TRIPS])) == ["users", "trips"]
    assert athena.sql == [
        'create or replace view "users" as\nselect b from u',
        'create or replace view "trips" as\n-- Trips\nselect a from t',
    ]
    assert athena.asked[0]["WorkGroup"] == "group"
    assert athena.asked[0]["QueryExecutionContext"] == {"Database": "lake"}


def test_a_refusal_names_the_view_and_the_reason_and_ends_it() -> None:
    athena = Athena(SUCCEEDED, failed("line 1:8: Column 'a' cannot be resolved"))
    with pytest.raises(NotDefined, match="the view trips: line 1:8: Column 'a'"):
        list(made(athena).define([USERS, TRIPS, USERS]))
    assert len(athena.asked) == 2


def test_one_that_never_ends_is_given_up() -> None:
    with pytest.raises(NotDefined, match="longer than 120 seconds"):
        list(made(Athena(*[RUNNING] * 10)).define([TRIPS]))


def test_where_views_have_no_zones_instants_are_times_of_utc() -> None:
    refusal = failed(f"{NO_ZONES}(6) with time zone")
    athena = Athena(refusal, SUCCEEDED, SUCCEEDED)
    assert list(made(athena).define([TRIPS])) == ["trips"]
    assert athena.sql[1].endswith("limit 0")
    assert athena.sql[2].startswith(
        'create or replace view "trips" as\nselect "trip_id",'
        ' cast(at_timezone("time", \'UTC\') as timestamp) as "time" from ('
    )


def test_the_files_are_in_the_order_in_which_they_read_each_other() -> None:
    there: set[str] = set()
    for name, view in files.views().items():
        assert not (view.reads & files.views().keys()) - there
        there.add(name)
        assert view.sql.startswith(f"-- {view.description}\n")
    assert {"trips", "driving_events", "trip_points", "safety_scores"} <= there
    assert {"collisions", "clips", "users"} <= there


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    """What CloudFormation is told."""
    told: list[dict[str, str]] = []

    def put(_: str, *, json: dict[str, str], **__: object) -> httpx.Response:
        told.append(json)
        return httpx.Response(200, request=httpx.Request("PUT", "https://cloudformation"))

    monkeypatch.setattr(httpx, "put", put)
    monkeypatch.setenv("DATABASE", "lake")
    monkeypatch.setenv("WORKGROUP", "group")
    settings.cache_clear()
    yield told
    settings.cache_clear()


def question(kind: str, *definitions: Definition) -> Any:  # Any: CloudFormation's
    return {
        "RequestType": kind,
        "ResponseURL": "https://cloudformation",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Views",
        "ResourceProperties": {"Views": list(definitions)},
    }


@pytest.mark.parametrize(
    ("kind", "state", "status", "reason"),
    [
        ("Create", SUCCEEDED, "SUCCESS", ""),
        ("Update", SUCCEEDED, "SUCCESS", ""),
        ("Update", failed("no such table"), "FAILED", "the view trips: no such table"),
    ],
)
def test_cloudformation_is_told_what_became_of_it(
    answers: list[dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    state: Mapping[str, str],
    status: str,
    reason: str,
) -> None:
    monkeypatch.setattr(views, "deployed", lambda: made(Athena(state)))
    define_views.handler(question(kind, TRIPS), CONTEXT)
    [told] = answers
    assert told["Status"] == status
    assert reason in told["Reason"]
    assert told["PhysicalResourceId"] == "views-of-lake"


def test_views_go_with_their_database_and_nobody_is_asked(
    answers: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "deployed", lambda: made(Athena()))
    define_views.handler(question("Delete", TRIPS), CONTEXT)
    assert [one["Status"] for one in answers] == ["SUCCESS"]
    assert json.dumps(answers)
