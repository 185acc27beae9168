"""What needs an operator, as the stack's own watch sees it, and what is about to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict, TypeVar

from infra.cli import console
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.attention.desk import Desk
    from telematics.attention.problem import Problem

T = TypeVar("T")
TENDING = "TendingMachine"  # the output that names it, where the stack has one


class Attention(TypedDict):
    """One problem; `since` is null where nobody has looked for long enough to know."""

    kind: str
    what: str
    since: str | None
    command: str


@dataclass(frozen=True)
class Outlook:
    """What is no problem yet. Only CloudWatch knows ages, and only on AWS."""

    ages: Mapping[str, timedelta] = field(default_factory=dict)
    erasing: tuple[datetime, ...] = ()  # since when, the longest first
    keys: Mapping[str, date] = field(default_factory=dict)  # until when, by provider
    tended: datetime | None = None


def found(
    deployment: Deployment, outlook: Outlook, dead: Mapping[str, int], *, now: datetime
) -> list[Attention]:
    from telematics.attention import ages, letters

    problems = [
        *(one for what, look in _desk(deployment).looks(now=now) for one in _seen(what, look)),
        *letters.dead(dead),
        *ages.old(outlook.ages, now=now),
    ]
    return [_shown(deployment, problem, now) for problem in problems]


def outlook(deployment: Deployment, queues: Mapping[str, str], *, now: datetime) -> Outlook:
    """`queues` are the URLs of those in which work waits, by name."""
    from telematics.attention import ages

    return Outlook(
        ages={} if deployment.in_sandbox else ages.oldest(deployment.metrics, queues, now=now),
        erasing=tuple(_seen("the users", lambda: _erasing(deployment))),
        keys=dict(_seen("the secrets", lambda: _keys(deployment))),
        tended=_tended(deployment),
    )


def _desk(deployment: Deployment) -> "Desk":
    """Dead letters are counted by who asks: they are shown beside what waits."""
    from telematics.attention.desk import Desk
    from telematics.ledger import Ledger

    has = deployment.outputs.keys()
    return Desk(
        ledger=Ledger(deployment.ledger),
        tasks=deployment.tasks if "TasksTable" in has else None,
        users=deployment.users if "UsersTable" in has else None,
        vault=deployment.secrets,
        secrets=_secrets(deployment),
        queues=deployment.queues,
        dead_letters={},
    )


def _seen(what: str, look: Callable[[], Iterable[T]]) -> list[T]:
    """Not every operator may look at everything."""
    from botocore.exceptions import ClientError

    try:
        return list(look())
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        console.remark(f"you may not look at {what}: nothing is told of it")
        return []


def _shown(deployment: Deployment, problem: "Problem", now: datetime) -> Attention:
    from telematics.attention import notices
    from telematics.tasks import Tasks

    since = problem.since
    if since is None and "TasksTable" in deployment.outputs:
        since = notices.since(Tasks(deployment.tasks), problem, now=now)
    return {
        "kind": str(problem.kind),
        "what": problem.what,
        "since": console.iso(since) if since else None,
        "command": problem.command,
    }


def _secrets(deployment: Deployment) -> dict[str, str]:
    from telematics.catalog import PROVIDERS

    named = {name: f"{provider.id}Secret" for name, provider in PROVIDERS.items()}
    return {
        name: deployment.outputs[output]
        for name, output in named.items()
        if output in deployment.outputs
    }


def _keys(deployment: Deployment) -> Iterator[tuple[str, date]]:
    from telematics.attention import keys

    for provider, arn in _secrets(deployment).items():
        if day := keys.expiry(deployment.secrets, arn):
            yield provider, day


def _erasing(deployment: Deployment) -> list[datetime]:
    from telematics.attention import erasures

    return erasures.waiting(deployment.users) if "UsersTable" in deployment.outputs else []


def _tended(deployment: Deployment) -> datetime | None:
    """When the lake was last tended, to the end."""
    machine = deployment.outputs.get(TENDING)
    if machine is None:
        return None
    answer = deployment.machines.list_executions(
        stateMachineArn=machine, statusFilter="SUCCEEDED", maxResults=1
    )
    return next((one["stopDate"] for one in answer["executions"]), None)
