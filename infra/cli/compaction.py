"""`telematics lake compact`: what the night would do, done now; or told, and not done."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import sleep
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypedDict

import typer
from rich.markup import escape

from infra.cli import console, execution, target
from infra.cli.exits import BadInput, Incomplete
from infra.cli.following import Step, follow
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog

EXAMPLES = examples(
    "lake compact",
    "lake compact --dry-run",
    "lake compact --table sentiance_transports --json",
)
PAUSE_SECONDS, PAUSE_SECONDS_ON_AWS = 0.5, 5.0
COUNTS = ("days", "files", "into", "bytes", "overtaken", "deleted")
Told: TypeAlias = Mapping[str, Any]  # what the machine says of a table, as JSON


class Planned(TypedDict):
    """What is to be rewritten: of `files` there will be `into`. Without a day: all of the table."""

    table: str
    day: str | None
    files: int
    into: int
    rows: int
    bytes: int


class Answer(TypedDict):
    """What `--json` prints. `postponed`: somebody was being erased, so not all of it was done."""

    tables: list[dict[str, Any]]
    days: int
    files: int
    into: int
    bytes: int
    overtaken: int
    deleted: int
    postponed: bool
    execution: str


def compact(
    table: Annotated[
        str | None, typer.Option("--table", metavar="TABLE", help="Only this one.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Rewrite days of many files into few sorted ones, and delete what only an old past needs.

    It happens every night anyway, to days before yesterday. Loads go on meanwhile, and come first.
    """
    deployment = target.find(sandbox)
    names = _names(deployment, table)
    if dry_run:
        _tell([*planned(deployment, names)], as_json=as_json)
        return
    work = Compaction(deployment, names)
    follow(
        work.follow(), title="lake", unit="tables", left_running=lambda: "it goes on in the stack"
    )
    answer = _answer(work)
    if as_json:
        console.write_json(answer)
    else:
        _show(answer)
    _end(answer)


@dataclass
class Compaction:
    """Following it is all we do: the work is the stack's. `told` is what became of each table."""

    deployment: Deployment
    tables: Sequence[str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = sleep
    execution: str = ""
    told: list[Told] = field(default_factory=list)

    def follow(self) -> Iterator[Step]:
        """Whoever asks for it does not wait until nobody has written for a while."""
        started = self.deployment.machines.start_execution(
            stateMachineArn=self.deployment.output("TendingMachine"),
            name=f"compact-{self.now():%Y%m%dT%H%M%S}",
            input=json.dumps({"tables": list(self.tables), "quiet_minutes": 0}),
        )
        self.execution = started["executionArn"]
        while (output := self._output()) is None:
            yield Step(self._done(), len(self.tables), "tending tables")
            self.sleep(PAUSE_SECONDS if self.deployment.in_sandbox else PAUSE_SECONDS_ON_AWS)
        self.told = json.loads(output).get("tables", [])

    def _output(self) -> str | None:
        return execution.output(
            self.deployment,
            self.execution,
            doing="the tending machine",
            remains="What it has done stays; the same command goes on from there",
        )

    def _done(self) -> int:
        """Tables, as the history of the execution tells."""
        pages = self.deployment.machines.get_paginator("get_execution_history")
        events = (
            event
            for page in pages.paginate(executionArn=self.execution, includeExecutionData=False)
            for event in page["events"]
        )
        return sum(one["type"] == "MapIterationSucceeded" for one in events)


def planned(deployment: Deployment, names: Sequence[str]) -> Iterator[Planned]:
    from infra.cli.engines import iceberg
    from telematics.tending import plan

    now = datetime.now(UTC)
    catalog, database = iceberg.catalog(deployment), deployment.output("Database")
    for name, table in iceberg.load_all(catalog, database, list(names)).items():
        for work in plan.planned(table, now=now, quiet=now - now):
            yield {
                "table": name,
                "day": work.day.isoformat() if work.day else None,
                "files": len(work.files),
                "into": work.into,
                "rows": work.rows,
                "bytes": work.bytes,
            }


def _names(deployment: Deployment, table: str | None) -> list[str]:
    """All that are ours, or the one that is asked for."""
    from infra.cli.engines import iceberg
    from telematics.erasure.rows import is_ours

    catalog: Catalog = iceberg.catalog(deployment)
    found = sorted(name for _, name in catalog.list_tables(deployment.output("Database")))
    names = [name for name in found if is_ours(name)]
    if table is None:
        return names
    if table not in names:
        raise BadInput(f"the lake has no table {table!r}: `telematics lake tables` lists them")
    return [table]


def _tell(plans: list[Planned], *, as_json: bool) -> None:
    if as_json:
        console.write_json(plans)
        return
    shown = console.table("table", "day", "files>", "into>", "rows>", "size>")
    for one in plans:
        counts = (f"{one['files']:,}", f"{one['into']:,}", f"{one['rows']:,}")
        shown.add_row(escape(one["table"]), one["day"] or "", *counts, console.size(one["bytes"]))
    console.out().print(shown)
    if not plans:
        console.remark("nothing is to be done")


def _answer(work: Compaction) -> Answer:
    tables = [{name: one[name] for name in ("table", *COUNTS)} for one in work.told]
    days, files, into, size, overtaken, deleted = (
        sum(one[name] for one in tables) for name in COUNTS
    )
    return {
        "tables": tables,
        "days": days,
        "files": files,
        "into": into,
        "bytes": size,
        "overtaken": overtaken,
        "deleted": deleted,
        "postponed": any(one["is_postponed"] for one in work.told),
        "execution": work.execution,
    }


def _show(answer: Answer) -> None:
    shown = console.table("table", "days>", "files>", "into>", "size>", "deleted>")
    for one in answer["tables"]:
        if one["days"] or one["deleted"]:
            counts = (f"{one[name]:,}" for name in ("days", "files", "into"))
            shown.add_row(
                escape(one["table"]), *counts, console.size(one["bytes"]), f"{one['deleted']:,}"
            )
    console.out().print(shown)
    typer.echo(f"{answer['days']:,} days: {answer['files']:,} files became {answer['into']:,}")


def _end(answer: Answer) -> None:
    if answer["postponed"]:
        raise Incomplete("somebody is being erased: run this again once that is done")
    if answer["overtaken"]:
        raise Incomplete(f"others wrote to {answer['overtaken']:,} days meanwhile: run this again")
