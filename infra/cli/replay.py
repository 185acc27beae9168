"""`telematics replay`: what is in raw, into the lake again; nobody is asked or told anything."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import target, whose
from infra.cli.exits import BadInput, Incomplete
from infra.cli.following import Step, follow
from infra.cli.options import JsonOption, SandboxOption, YesOption, examples
from infra.cli.ranges import any_days
from infra.cli.replaying import choice, person, result
from infra.cli.replaying.answer import Answer, summary, told, write
from infra.cli.replaying.choice import Choice, Outcome
from infra.cli.replaying.plan import Plan, planned
from infra.cli.replaying.sending import Sending
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.offloads.period import Period

EXAMPLES = examples(
    "replay sentiance --from 2023-06-01 --to 2023-06-30 --dry-run",
    "replay --dataset sentiance_transports --from 2023-06-04 --to 2023-06-04",
    "replay move --from 2023-06-01 --to 2023-06-07 --outcome quarantined --outcome failed",
    "replay --user driver-0001 --from 2023-06-01 --to 2023-06-07 --yes --json",
)
UNASKED_OBJECTS, UNASKED_USD = 1_000, 1.0


def replay(
    provider: Annotated[
        str | None,
        typer.Argument(metavar="PROVIDER", show_default=False, help="All that is of one provider."),
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(metavar="PROVIDER_DATASET", help="Only this, as raw has it; repeatable."),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day of raw.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day of raw.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(metavar="USER_ID", help="Objects that the lake has rows of theirs from."),
    ] = None,
    outcome: Annotated[
        list[Outcome] | None,
        typer.Option(help="Only what ended so when it was last loaded; repeatable."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would come to, and change nothing.")
    ] = False,
    yes: YesOption = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Follow it until everything is loaded.")
    ] = True,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Load what is in raw into the lake again: after a mended bug, or with new columns declared.

    It replaces what was loaded from the same objects, so that repeats change nothing. An object is
    loaded whole: with --user, a file of many people is loaded with all of them. Nothing else
    happens: no provider is asked, no event told, no clip and no collision requested. Days are
    those in raw, when a file or a delivery is from.
    """
    days = _asked(provider, dataset, user, any_days(from_, to) if from_ and to else None)
    of = whose.any_provider(provider).name if provider else None
    deployment = target.find(sandbox)
    places = choice.places(deployment, of, dataset or ())
    theirs = person.raw_keys(deployment, user) if user else None
    chosen = Choice(places, days, frozenset(outcome or ()), theirs)
    with planned(chosen.objects(deployment)) as plan:
        if dry_run or not plan.objects:
            write(told(plan), as_json=as_json)
            return
        _confirm(plan, yes=yes)
        _run(deployment, plan, wait=wait, as_json=as_json)


def _asked(
    provider: str | None, dataset: list[str] | None, user: str | None, days: "Period | None"
) -> "Period":
    """The days, once it is said what of them."""
    if provider and dataset:
        raise BadInput("give a provider or --dataset, not both")
    if not (provider or dataset or user):
        raise BadInput("say what: a provider, --dataset or --user")
    if days is None:
        raise BadInput("say which days: --from YYYY-MM-DD --to YYYY-MM-DD")
    return days


def _confirm(plan: Plan, *, yes: bool) -> None:
    """Little is done without a question."""
    if yes or (plan.objects <= UNASKED_OBJECTS and plan.estimate().usd <= UNASKED_USD):
        return
    typer.echo(summary(told(plan)), err=True)
    typer.confirm("Load them again?", abort=True, err=True)


def _run(deployment: Deployment, plan: Plan, *, wait: bool, as_json: bool) -> None:
    work = Sending(deployment, plan)
    _follow(work, work.send())
    answer = told(plan)
    answer["sent"] = work.sent
    if wait:
        _follow(work, work.settle())
        _finish(answer, work, as_json=as_json)
    else:
        write(answer, as_json=as_json)


def _follow(work: Sending, steps: Iterator[Step]) -> None:
    follow(steps, title="replay", unit="objects sent", left_running=work.left_running)


def _finish(answer: Answer, work: Sending, *, as_json: bool) -> None:
    if work.begun_at is None:
        return
    became = result.of(work.deployment, work.plan.found(), since=work.begun_at)
    answer["settled"], answer["dead_letters"] = work.is_settled, work.new_dead_letters
    answer["result"] = asdict(became)
    write(answer, as_json=as_json)
    if not work.is_settled:
        raise Incomplete("there is still work in the queues: telematics status shows how much")
    if became.failed or became.left:
        raise Incomplete(
            f"{became.failed + became.left:,} of {work.sent:,} objects were not loaded again: look"
            " at `telematics status` and, once the cause is mended, `telematics redrive`"
        )
