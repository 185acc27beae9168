"""`telematics fetch`: bring a range of days into the lake, now; what is there already stays."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import console, target
from infra.cli.backfill import Backfill
from infra.cli.exits import BadInput
from infra.cli.following import follow
from infra.cli.options import FromOption, JsonOption, SandboxOption, ToOption, examples
from infra.cli.ranges import complete_days
from infra.cli.summary import Summary, report
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.catalog import Provider

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
    whose = _provider(provider)
    chosen = complete_days(from_, to, days=days, today=datetime.now(UTC).date())
    deployment = target.find(sandbox)
    require_configured(deployment, whose)
    backfill = Backfill(
        deployment, whose.name, deployment.output(f"OffloadsMachine{whose.id}"), chosen
    )
    if wait:
        follow(backfill)
        report(Summary.of(backfill), as_json=as_json)
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
        first, last = backfill.days.first, backfill.days.last
        console.remark(f"follow it: telematics status --from {first} --to {last}")
