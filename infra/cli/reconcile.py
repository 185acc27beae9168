"""`telematics reconcile`: what the provider has, against what the lake has; now, not at night."""

from datetime import UTC, datetime
from typing import Annotated, TypedDict

import typer

from infra.cli import console, keys, status, target, whose
from infra.cli.exits import CommandError, Incomplete
from infra.cli.following import Step, follow
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.ranges import days_until_now
from infra.cli.reconciliation import Plan, Progress, Reconciliation

EXAMPLES = examples(
    "reconcile move",
    "reconcile move --days 14",
    "reconcile move --from 2023-06-01 --to 2023-06-07 --json",
)


class Answer(TypedDict):
    """What `--json` prints. `settled`: nothing was left in the queues."""

    provider: str
    first: str
    last: str
    people: int
    batches: int
    batches_done: int
    listed: int
    missed: int
    late: int
    changed: int
    percent: float
    asked_again: int
    complete: bool
    settled: bool
    dead_letters: int
    execution: str


def reconcile(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="With whom: move.")],
    from_: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="YYYY-MM-DD", help="Last day.", show_default="today"),
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="The last so many days.", show_default="today and 3 more")
    ] = None,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Ask a provider for everything that its users did; what the lake lacks is fetched.

    It runs every night anyway. Notifications that still lack details are asked for as well.
    """
    of = whose.with_details(provider)
    chosen = days_until_now(from_, to, days=days, today=datetime.now(UTC).date())
    deployment = target.find(sandbox)
    keys.require_configured(deployment, of)
    work = Reconciliation(deployment, of, chosen)
    follow(
        map(_step, work.follow()),
        title=f"{of.name} reconciliation",
        unit="batches",
        left_running=work.left_running,
    )
    if work.plan is None:  # it is there once it has been followed
        raise CommandError("the reconciliation machine did not say what it planned")
    answer = _answer(work, work.plan)
    if as_json:
        console.write_json(answer)
    else:
        _show(answer)
    _end(answer)


def _step(progress: Progress) -> Step:
    if not (progress.batches or progress.asking or progress.loading):
        return Step(0, 0, "looking who is known")
    text = f"{progress.asking:,} to ask for, {progress.loading:,} to load"
    if found := progress.found:
        text = f"{found['listed']:,} listed, {found['missed']:,} missed; {text}"
    return Step(progress.batches_done, progress.batches, text)


def _answer(work: Reconciliation, plan: Plan) -> Answer:
    progress, found = work.progress, work.progress.found
    return {
        "provider": work.provider.name,
        "first": plan.first,
        "last": plan.last,
        "people": plan.people,
        "batches": plan.batches,
        "batches_done": progress.batches_done,
        "listed": found["listed"] if found else 0,
        "missed": found["missed"] if found else 0,
        "late": found["late"] if found else 0,
        "changed": found["changed"] if found else 0,
        "percent": found["percent"] if found else 100.0,
        "asked_again": plan.unfinished,
        "complete": progress.is_asked,
        "settled": work.is_settled,
        "dead_letters": status.depth(work.deployment, f"DeadLettersEnrich{work.provider.id}"),
        "execution": work.execution,
    }


def _show(answer: Answer) -> None:
    typer.echo(f"{answer['provider']} {answer['first']}..{answer['last']}:")
    typer.echo(f"  {answer['people']:,} users asked about")
    typer.echo(f"  {answer['listed']:,} items listed, {answer['percent']:.2f}% were in the lake")
    typer.echo(f"  {answer['missed']:,} missed: nobody had told of them")
    typer.echo(f"  {answer['late']:,} late: told of, but without their details")
    typer.echo(f"  {answer['changed']:,} changed since")
    if answer["asked_again"]:
        typer.echo(f"  {answer['asked_again']:,} notifications with details to come, asked again")


def _end(answer: Answer) -> None:
    if not answer["complete"]:
        raise Incomplete(
            f"{answer['batches'] - answer['batches_done']:,} of {answer['batches']:,} batches of"
            f" users did not come back: look at the dead letters of enrich (there are"
            f" {answer['dead_letters']:,}), then run this again"
        )
    if not answer["settled"]:
        console.remark("there is still work in the queues: telematics status shows how much")
