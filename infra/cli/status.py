"""`telematics status`: what was listed, stored and loaded, what is missing, how fresh it is."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from infra.cli import attention, console, keys, ledger, overview, standing, target
from infra.cli.options import FromOption, JsonOption, SandboxOption, ToOption, examples
from infra.cli.ranges import any_days
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.ledger import LedgerRow
    from telematics.offloads.period import Period

    Files: TypeAlias = Mapping[str, Sequence[LedgerRow]]

EXAMPLES = examples(
    "status",
    "status --from 2023-06-01 --to 2023-06-30",
    "status --json",
)


NO_TASK = ("idem-", "callback-", "token-", "device-", "notice-")


class QueueStatus(TypedDict):
    waiting: int
    dead: int


class Status(TypedDict):
    """What `--json` prints; scripts rely on it."""

    providers: dict[str, standing.ProviderStatus]
    webhooks: dict[str, str]
    queues: dict[str, QueueStatus]
    tasks: dict[str, int]
    users: dict[str, int]
    attention: list[attention.Attention]


def status(
    from_: FromOption = None,
    to: ToOption = None,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Show what needs somebody; what was listed, stored, loaded and is missing; webhooks, queues.

    A token in a webhook's URL is shown in the sandbox's JSON only, where it is nobody's secret:
    telematics webhook list --tokens shows it anywhere.
    """
    days = any_days(from_, to)
    deployment = target.find(sandbox)
    files = listed(deployment, days)
    shows_tokens = as_json and deployment.in_sandbox
    urls = _callable(deployment) if shows_tokens else deployment.webhook_urls()
    now, depths = datetime.now(UTC), queues(deployment)
    outlook = attention.outlook(deployment, _waiting(deployment), now=now)
    dead = {name: one["dead"] for name, one in depths.items()}
    amiss = attention.found(deployment, outlook, dead, now=now)
    found = summarized(files, depths, urls, tasks(deployment), users(deployment), amiss)
    if as_json:
        console.write_json(found)
    else:
        overview.show(found, files, outlook, now=now)


def _callable(deployment: Deployment) -> dict[str, str]:
    """A secret that can't be read is no reason to show nothing."""
    from telematics.errors import MissingSetting

    try:
        return keys.callable_urls(deployment)
    except MissingSetting:
        return deployment.webhook_urls()


def listed(deployment: Deployment, days: "Period | None" = None) -> "Files":
    """What is in the ledger, of every provider that the stack has data of."""
    from telematics.catalog import PROVIDERS

    return {
        name: ledger.rows(deployment, name, days)
        for name, provider in PROVIDERS.items()
        if provider.fetches_offloads or provider.webhooks or provider.syncs
    }


def summarized(
    files: "Files",
    queue_depths: dict[str, QueueStatus],
    webhook_urls: dict[str, str],
    states: dict[str, int],
    people: dict[str, int],
    amiss: list[attention.Attention],
) -> Status:
    return {
        "providers": {name: standing.of(rows) for name, rows in files.items()},
        "webhooks": webhook_urls,
        "queues": queue_depths,
        "tasks": states,
        "users": people,
        "attention": amiss,
    }


def users(deployment: Deployment) -> dict[str, int]:
    """How many there are of each status that somebody has."""
    if "UsersTable" not in deployment.outputs:
        return {}
    from telematics.users import listing

    counted = listing.counts(deployment.users)
    return {str(status): count for status, count in counted.items() if count}


def tasks(deployment: Deployment) -> dict[str, int]:
    """How many there are in each state; none in a stack that has no such table."""
    if "TasksTable" not in deployment.outputs:
        return {}
    counted = Counter[str]()
    page = _tasks_behind(deployment, None)
    counted.update(_states(page))
    while place := page.get("LastEvaluatedKey"):
        page = _tasks_behind(deployment, place)
        counted.update(_states(page))
    return dict(sorted(counted.items()))


def _tasks_behind(deployment: Deployment, place: Any) -> Any:  # Any: as boto3 has pages and keys
    begin = {"ExclusiveStartKey": place} if place else {}
    return deployment.tasks.scan(
        ProjectionExpression="task_id, #state",
        ExpressionAttributeNames={"#state": "state"},
        **begin,
    )


def _states(page: Any) -> Iterator[str]:  # Any: as above
    """Keys of requests and addresses that were handed out are in the same table, and no tasks."""
    for item in page["Items"]:
        if not item["task_id"].startswith(NO_TASK):
            yield item.get("state") or "unknown"


def queues(deployment: Deployment) -> dict[str, QueueStatus]:
    """By the stack's outputs: `QueueConvert` and `DeadLettersConvert` are the queue `convert`."""
    names = [
        name
        for output in deployment.outputs
        if (name := re.sub(r"^(Queue|DeadLetters)", "", output)) != output
    ]
    return {
        spelled(name): {
            "waiting": depth(deployment, f"Queue{name}"),
            "dead": depth(deployment, f"DeadLetters{name}"),
        }
        for name in sorted(set(names))
    }


def _waiting(deployment: Deployment) -> dict[str, str]:
    """The URLs of the queues in which work waits."""
    return {
        spelled(output.removeprefix("Queue")): url
        for output, url in deployment.outputs.items()
        if output.startswith("Queue")
    }


def spelled(camel: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", camel).lower()


def depth(deployment: Deployment, output: str) -> int:
    """Messages in a queue, those being worked on included; 0 if there is no such queue."""
    url = deployment.outputs.get(output)
    if url is None:
        return 0
    from telematics.attention import letters

    return letters.depth(deployment.queues, url)
