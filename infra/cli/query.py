"""`telematics query`: SQL over the lake, typed in, piped in or ready by name."""

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from infra.cli import console, ready, results, target
from infra.cli.engines.answer import Answer, Work
from infra.cli.exits import BadInput
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.results import Format
from infra.cli.target import Deployment

EXAMPLES = examples(
    'query "select mode, count(*) as trips from sentiance_transports group by 1 order by 2 desc"',
    "query --list",
    "query trips_per_day --format csv",
    "query trips_per_day --param from=today-7 --stats",
    "query --param day=2023-06-04 'select * from quarantine where day = cast(:day as date)'",
    "query - --json < question.sql",
)


class Engine(StrEnum):
    DUCKDB = "duckdb"
    ATHENA = "athena"


def query(
    sql: Annotated[
        str | None,
        typer.Argument(
            metavar="SQL|NAME|-",
            show_default=False,
            help="SQL as Athena understands it, a ready query's name, or - for standard input.",
        ),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the ready queries.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="A value for a ready query's parameter (--list shows them),"
            " or a text for :NAME in the SQL; may be repeated.",
        ),
    ] = None,
    engine: Annotated[
        Engine | None,
        typer.Option(
            show_default=False,
            help="Where it runs: duckdb here, athena in the cloud."
            " By default here for the sandbox, else in the cloud.",
        ),
    ] = None,
    stats: Annotated[
        bool, typer.Option("--stats", help="Say on standard error, in JSON, how much was read.")
    ] = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Ask the lake. Times are UTC; `day` is that of the provider's file, and cheap to choose by."""
    format_ = Format.JSON if as_json else format_
    if list_:
        results.write(_listed(format_), format_)
        return
    text, parameters = _question(sql, _parameters(param or []))
    answer = ask(text, parameters, target.find(sandbox), engine)
    results.write(answer, format_)
    if answer.work is not None:
        _tell(answer.work, as_stats=stats)


def _tell(work: Work, *, as_stats: bool) -> None:
    if as_stats:
        told = {"bytes": work.bytes, "files": work.files, "seconds": round(work.seconds, 3)}
        typer.echo(json.dumps(told), err=True)
    elif console.watched():
        of = "" if work.files is None else f" of {work.files:,} files"
        console.remark(f"{console.size(work.bytes)}{of} read in {work.seconds:.1f} s")


def _listed(format_: Format) -> Answer:
    rows = ((one.name, _of(one, format_), one.description) for one in ready.queries().values())
    return Answer(("name", "parameters", "description"), iter(rows))


def _of(query: ready.ReadyQuery, format_: Format) -> object:
    """Its parameters, for a person or for a script."""
    if format_ is Format.JSON:
        return [
            {"name": one.name, "type": one.kind, "default": one.default, "meaning": one.meaning}
            for one in query.parameters
        ]
    return "\n".join(map(str, query.parameters))


def _question(given: str | None, parameters: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The SQL, and what is still to be filled in."""
    if given is None:
        raise BadInput("give SQL, the name of a ready query (--list), or - for standard input")
    if given == "-":
        return sys.stdin.read(), parameters
    return (
        (ready.named(given).filled(parameters), {}) if ready.is_name(given) else (given, parameters)
    )


def _parameters(given: list[str]) -> dict[str, str]:
    for one in given:
        if not one.partition("=")[0].isidentifier() or "=" not in one:
            raise BadInput(f"--param {one}: write it as NAME=VALUE, like --param day=2023-06-04")
    return {name: value for name, _, value in (one.partition("=") for one in given)}


def ask(
    text: str,
    parameters: dict[str, str],
    deployment: Deployment,
    engine: Engine | None = None,
) -> Answer:
    """The engines are heavy to import, and only one of them is needed."""
    from infra.cli.engines import statement

    database = deployment.output("Database")
    asked = statement.parse(text, parameters, database=database)
    if (engine or _engine(deployment)) is Engine.ATHENA:
        if deployment.in_sandbox:
            raise BadInput("there is no Athena in the sandbox: leave --engine out")
        from infra.cli.engines import athena

        return athena.answer(asked, deployment)
    from infra.cli.engines import embedded, iceberg

    return embedded.answer(asked, iceberg.catalog(deployment), database)


def _engine(deployment: Deployment) -> Engine:
    return Engine.DUCKDB if deployment.in_sandbox else Engine.ATHENA
