"""The canonical views as Athena keeps them: made anew, each after those that it reads."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypedDict

import boto3

from telematics.errors import TelematicsError
from telematics.settings import settings

POLL_SECONDS = 0.5
LONGEST_SECONDS = 120.0
# A view keeps the types of its columns as Hive has them, and Hive has no instants.
NO_ZONES = "Unsupported Hive type: timestamp"


class NotDefined(TelematicsError):
    """Athena would not have a view; the text says which, and why."""


class Definition(TypedDict):
    """As the deployment tells of a view: `Sql` is its file."""

    Name: str
    Sql: str


@dataclass(frozen=True)
class Views:
    """In one database, through one workgroup."""

    athena: Any  # Athena's client, which is not typed here
    database: str
    workgroup: str
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def define(self, definitions: Sequence[Definition]) -> Iterator[str]:
        """Repeats change nothing. Yields each view's name; raises NotDefined."""
        for one in definitions:
            self._create(one["Name"], one["Sql"])
            yield one["Name"]

    def _create(self, name: str, sql: str) -> None:
        try:
            self._run(name, _made(name, sql))
        except NotDefined as refusal:
            if NO_ZONES not in str(refusal):
                raise
            self._run(name, _made(name, self._without_zones(name, sql)))

    def _without_zones(self, name: str, sql: str) -> str:
        """Its instants as times of UTC."""
        query = self._run(name, f"select * from (\n{sql}\n) limit 0")  # noqa: S608  # a file of ours
        told = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]
        columns = ", ".join(map(_plain, told["ResultSetMetadata"]["ColumnInfo"]))
        return f"select {columns} from (\n{sql}\n)"  # noqa: S608  # a file of ours

    def _run(self, name: str, sql: str) -> str:
        query = str(
            self.athena.start_query_execution(
                QueryString=sql,
                QueryExecutionContext={"Database": self.database},
                WorkGroup=self.workgroup,
            )["QueryExecutionId"]
        )
        until = self.clock() + LONGEST_SECONDS
        while self.clock() < until:
            status = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"][
                "Status"
            ]
            if status["State"] == "SUCCEEDED":
                return query
            if status["State"] in ("FAILED", "CANCELLED"):
                reason = status.get("StateChangeReason", "Athena gives no reason")
                raise NotDefined(f"the view {name}: {reason}")
            self.sleep(POLL_SECONDS)
        raise NotDefined(f"the view {name}: Athena took longer than {LONGEST_SECONDS:g} seconds")


def _made(name: str, sql: str) -> str:
    return f'create or replace view "{name}" as\n{sql}'


def _plain(column: Mapping[str, str]) -> str:
    name = f'"{column["Name"]}"'
    if "with time zone" not in column["Type"]:
        return name
    return f"cast(at_timezone({name}, 'UTC') as timestamp) as {name}"


@cache
def deployed() -> Views:
    """Of the stack that this function belongs to."""
    here = settings()
    return Views(boto3.client("athena"), here.database, here.workgroup)
