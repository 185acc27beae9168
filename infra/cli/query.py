"""`telematics query`: SQL over the lake, typed in, piped in or ready by name."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from infra.cli import console, ready, results, target
from infra.cli.engines.answer import Answer
from infra.cli.exits import BadInput
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.results import Format
from infra.cli.target import Deployment

EXAMPLES = examples(
    'query "select mode, count(*) as trips from sentiance_transports group by 1 order by 2 desc"',
    "query --list",
    "query trips_per_day --format csv",
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
        typer.Option(metavar="NAME=VALUE", help="A text for :NAME in the SQL; may be repeated."),
    ] = None,
    engine: Annotated[
        Engine | None,
        typer.Option(
            show_default=False,
            help="Where it runs: duckdb here, athena in the cloud."
            " By default here for the sandbox, else in the cloud.",
        ),
    ] = None,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Ask the lake. Times are UTC; `day` is that of the provider's file, and cheap to choose by."""
    format_ = Format.JSON if as_json else format_
    if list_:
        results.write(_listed(), format_)
        return
    text = _text(sql)
    parameters = _parameters(param or [])
    answer = ask(text, parameters, target.find(sandbox), engine)
    results.write(answer, format_)
    if answer.remark and console.watched():
        console.remark(answer.remark)


def _listed() -> Answer:
    rows = ((one.name, one.description) for one in ready.queries().values())
    return Answer(("name", "description"), iter(rows))


def _text(given: str | None) -> str:
    if given is None:
        raise BadInput("give SQL, the name of a ready query (--list), or - for standard input")
    if given == "-":
        return sys.stdin.read()
    return ready.named(given).sql if ready.is_name(given) else given


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
