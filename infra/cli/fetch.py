"""`telematics fetch`: bring a range of days into the lake, now; what is there already stays."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from infra.cli import console, keys, target, whose
from infra.cli.backfill import Backfill, Tally
from infra.cli.exits import BadInput
from infra.cli.following import Step, follow
from infra.cli.options import FromOption, JsonOption, SandboxOption, ToOption, examples
from infra.cli.ranges import complete_days
from infra.cli.summary import Summary, report

EXAMPLES = examples(
    "fetch sentiance",
    "fetch sentiance --days 7",
    "fetch sentiance --from 2023-01-01 --to 2023-12-31",
    "fetch sentiance --from 2023-06-04 --to 2023-06-04 --json",
)


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
    of = whose.with_offloads(provider)
    chosen = complete_days(from_, to, days=days, today=datetime.now(UTC).date())
    deployment = target.find(sandbox)
    keys.require_configured(deployment, of)
    backfill = Backfill(deployment, of.name, deployment.output(f"OffloadsMachine{of.id}"), chosen)
    if wait:
        follow(
            map(_step, backfill.follow()),
            title=f"{of.name} {chosen}",
            unit="days",
            left_running=lambda: _left_running(backfill),
        )
        report(Summary.of(backfill), as_json=as_json)
    else:
        _start_only(backfill, as_json=as_json)


def _step(tally: Tally) -> Step:
    if not tally.listed:
        return Step(tally.days_done, tally.days, "asking for the list")
    text = f"{tally.listed:,} listed, {tally.stored:,} stored, {tally.loaded:,} loaded"
    if tally.failed:
        text += f", [red]{tally.failed:,} failed[/]"
    return Step(tally.days_done, tally.days, text)


def _left_running(backfill: Backfill) -> str:
    going = [chunk for chunk in backfill.chunks if chunk.execution]
    if not going:
        return "stopped before anything was started"
    first, last = backfill.days.first, backfill.days.last
    text = (
        f"stopped looking on; {going[-1].days} goes on in the stack: follow it with"
        f" `telematics status --from {first} --to {last}`"
    )
    waiting = [chunk for chunk in backfill.chunks if not chunk.execution]
    if waiting:
        text += f"; {waiting[0].days.first}..{last} was not started"
    return f"{text}; `{backfill.command}` takes it up again"


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
        first, last = backfill.days.first, backfill.days.last
        console.remark(f"follow it: telematics status --from {first} --to {last}")
