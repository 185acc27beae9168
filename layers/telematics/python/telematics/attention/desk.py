"""Everything that is looked at, and all that is amiss in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING

import boto3

from telematics import ledger
from telematics.attention import clips, days, erasures, keys, letters, reconciliations
from telematics.attention.problem import Problem
from telematics.ledger import Ledger
from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

Look = Callable[[], Iterable[Problem]]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`secrets` are ARNs by provider, `dead_letters` URLs by queue."""

    ledger: Ledger
    tasks: "Table | None"
    users: "Table | None"
    vault: "SecretsManagerClient"
    secrets: Mapping[str, str]
    queues: "SQSClient"
    dead_letters: Mapping[str, str]

    def looks(self, *, now: datetime) -> Iterator[tuple[str, Look]]:
        """Each with what it looks at, so that one may be forbidden and the others not."""
        yield "the ledger", partial(days.incomplete, self.ledger, now=now)
        yield "the ledger", partial(reconciliations.incomplete, self.ledger, now=now)
        if self.tasks:
            yield "the tasks", partial(clips.near_deadline, self.tasks, now=now)
        if self.users:
            yield "the users", partial(erasures.late, self.users, now=now)
        yield "the secrets", partial(keys.expiring, self.vault, self.secrets, now=now)
        yield "the queues", self._dead

    def problems(self, *, now: datetime) -> list[Problem]:
        return [problem for _, look in self.looks(now=now) for problem in look()]

    def _dead(self) -> Iterator[Problem]:
        return letters.dead(letters.counts(self.queues, self.dead_letters))


@cache
def deployed() -> Desk:
    """The desk of the stack that this function belongs to."""
    tables = boto3.resource("dynamodb")
    return Desk(
        ledger=ledger.deployed(),
        tasks=tables.Table(settings().tasks_table),
        users=tables.Table(settings().users_table),
        vault=boto3.client("secretsmanager"),
        secrets=settings().watched_secrets,
        queues=boto3.client("sqs"),
        dead_letters=settings().watched_letters,
    )
