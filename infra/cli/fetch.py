"""`telematics fetch`: bring a range of days into the lake, now; what is there already stays."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from infra.cli import console, ledger, status, target
from infra.cli.backfill import Backfill, Tally
from infra.cli.exits import BadInput, Incomplete, Interrupted
from infra.cli.options import FromOption, JsonOption, SandboxOption, ToOption, examples
from infra.cli.ranges import complete_days
from infra.cli.target import Deployment
from telematics.offloads.period import Period

if TYPE_CHECKING:
    from telematics.catalog import Provider
    from telematics.ledger import LedgerRow

EXAMPLES = examples(
    "fetch sentiance",
    "fetch sentiance --days 7",
    "fetch sentiance --from 2023-01-01 --to 2023-12-31",
    "fetch sentiance --from 2023-06-04 --to 2023-06-04 --json",
)
SECONDS_BETWEEN_LINES = 15.0
SHOWN_FAILURES = 20


def fetch(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="Whose offloads: sentiance.")],
    from_: FromOption = None,
    to: ToOption = None,
    days: Annotated[
        int | None, typer.Option(help="The last so many complete days.", show_default="3")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Follow it until everything is loaded.")
    ] = True,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Fetch a provider's offloads of some days; only what is missing or has changed is fetched.

    Interrupt it or run it again at will: the work is the stack's, and repeats change nothing.
    """
    whose = _provider(provider)
    chosen = complete_days(from_, to, days=days, today=datetime.now(UTC).date())
    deployment = target.find(sandbox)
    require_configured(deployment, whose)
    backfill = Backfill(
        deployment, whose.name, deployment.output(f"OffloadsMachine{whose.id}"), chosen
    )
    if wait:
        report(run(backfill), as_json=as_json)
    else:
        _start_only(backfill, as_json=as_json)


def _provider(name: str) -> "Provider":
    from telematics.catalog import PROVIDERS

    fetched = {one.name: one for one in PROVIDERS.values() if one.fetches_offloads}
    if name not in fetched:
        raise BadInput(f"nothing to fetch from {name!r}: offloads come from {', '.join(fetched)}")
    return fetched[name]


def require_configured(deployment: Deployment, provider: "Provider") -> None:
    """A fetch without keys fails in the stack, minutes later: say so at once."""
    from botocore.exceptions import ClientError

    from telematics.secrets import Secrets

    try:
        Secrets(deployment.secrets).read(deployment.output(f"{provider.id}Secret"), provider)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        # An operator need not be able to read it: the functions are.


def _start_only(backfill: Backfill, *, as_json: bool) -> None:
    if len(backfill.chunks) > 1:
        raise BadInput(
            f"--no-wait starts one execution, of at most {len(backfill.chunks[0].days)} days, and"
            f" {backfill.days} is {len(backfill.days)}: leave --no-wait out to run them in turn"
        )
    [chunk] = backfill.chunks
    backfill.start(chunk)
    if as_json:
        console.write_json({"execution": chunk.execution})
    else:
        typer.echo(chunk.execution)
        console.remark(f"follow it: telematics status {_options(backfill.days)}")


@dataclass(frozen=True)
class Summary:
    """What a fetch came to; `--json` prints it."""

    provider: str
    first: str
    last: str
    listed: int
    stored: int
    loaded: int
    rows: int
    quarantined: int
    missing: list[dict[str, str]]
    executions: list[str]
    dead_letters: int
    resume: str

    @property
    def is_complete(self) -> bool:
        return not self.missing


def run(backfill: Backfill) -> Summary:
    """Follow it with a progress bar for a person, and with a line now and then for a log."""
    try:
        if console.watched():
            _draw(backfill)
        else:
            _write_lines(backfill.follow())
    except KeyboardInterrupt as error:
        raise Interrupted(_left_running(backfill)) from error
    return _summary(backfill)


def _left_running(backfill: Backfill) -> str:
    going = [chunk for chunk in backfill.chunks if chunk.execution]
    if not going:
        return "stopped before anything was started"
    text = (
        f"stopped looking on; {going[-1].days} goes on in the stack: follow it with"
        f" `telematics status {_options(backfill.days)}`"
    )
    waiting = [chunk for chunk in backfill.chunks if not chunk.execution]
    if waiting:
        text += f"; {waiting[0].days.first}..{backfill.days.last} was not started"
    return f"{text}; `{_command(backfill)}` takes it up again"


def _draw(backfill: Backfill) -> None:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}% {task.fields[detail]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console.err()) as progress:
        title = f"{escape(backfill.provider)} {backfill.days}"
        task = progress.add_task(title, total=len(backfill.days), detail="asking for the list")
        for tally in backfill.follow():
            progress.update(task, completed=tally.days_done, detail=_detail(tally))


def _detail(tally: Tally) -> str:
    if not tally.listed:
        return "asking for the list"
    text = f"{tally.listed:,} listed, {tally.stored:,} stored, {tally.loaded:,} loaded"
    return f"{text}, [red]{tally.failed:,} failed[/]" if tally.failed else text


def _write_lines(tallies: Iterable[Tally]) -> None:
    written_at, written = time.monotonic(), ""
    for tally in tallies:
        line = f"{int(tally.days_done)} of {tally.days} days: {_detail(tally)}"
        if line != written and time.monotonic() - written_at >= SECONDS_BETWEEN_LINES:
            console.err().print(line)
            written_at, written = time.monotonic(), line


def _summary(backfill: Backfill) -> Summary:
    tally = Tally.of(backfill.chunks)
    missing = [row for chunk in backfill.chunks for row in chunk.rows if row.state != "loaded"]
    return Summary(
        provider=backfill.provider,
        first=str(backfill.days.first),
        last=str(backfill.days.last),
        listed=tally.listed,
        stored=tally.stored,
        loaded=tally.loaded,
        rows=tally.rows,
        quarantined=tally.quarantined,
        missing=[_hole(row, stuck=backfill.stuck) for row in missing],
        executions=[chunk.execution for chunk in backfill.chunks],
        dead_letters=status.depth(backfill.deployment, "DeadLettersConvert"),
        resume=_command(backfill),
    )


def _hole(row: "LedgerRow", *, stuck: bool) -> dict[str, str]:
    reason = ledger.reason(row)
    if stuck and row.state == "stored":
        reason += "; nothing moved for minutes: look at the dead letters of convert"
    return {"file": row.file, "state": row.state, "reason": reason}


def _options(days: Period) -> str:
    return f"--from {days.first} --to {days.last}"


def _command(backfill: Backfill) -> str:
    return f"telematics fetch {backfill.provider} {_options(backfill.days)}"


def report(summary: Summary, *, as_json: bool) -> None:
    """The answer; holes end it with the exit code that says so."""
    if as_json:
        console.write_json(asdict(summary) | {"complete": summary.is_complete})
    else:
        _show(summary)
    if not summary.is_complete:
        raise Incomplete(
            f"{len(summary.missing):,} of {summary.listed:,} files are not in the lake yet;"
            f" `{summary.resume}` fetches just those"
        )


def _show(summary: Summary) -> None:
    out = console.out()
    if not summary.listed:
        out.print(f"{summary.provider} lists no files for {summary.first}..{summary.last}")
        return
    out.print(
        f"{summary.provider} {summary.first}..{summary.last}: {summary.listed:,} files listed,"
        f" {summary.stored:,} stored, {summary.loaded:,} loaded: {summary.rows:,} rows"
    )
    if summary.quarantined:
        out.print(
            f"[yellow]{summary.quarantined:,} rows could not be read[/]; the table quarantine holds"
            " them and their reasons"
        )
    if summary.missing:
        _show_holes(summary)


def _show_holes(summary: Summary) -> None:
    table = console.table("missing", "because")
    for hole in summary.missing[:SHOWN_FAILURES]:
        table.add_row(escape(hole["file"]), escape(hole["reason"]))
    console.out().print(table)
    if len(summary.missing) > SHOWN_FAILURES:
        more = len(summary.missing) - SHOWN_FAILURES
        console.out().print(f"and {more:,} more: telematics status --json")
    if summary.dead_letters:
        console.out().print(f"{summary.dead_letters:,} messages in the dead letters of convert")
