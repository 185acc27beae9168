"""At night: have everybody's things listed anew, and what is unfinished asked for again."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NotRequired, TypedDict

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import lake, ledger, queues
from telematics.enrichment import messages, planning, sources
from telematics.enrichment.known import Lake
from telematics.enrichment.planning import Summary, Window
from telematics.observability import logger
from telematics.settings import settings

# Days, as YYYY-MM-DD; `from` is a word of Python's own.
Request = TypedDict("Request", {"from": NotRequired[str | None], "to": NotRequired[str | None]})


@logger.inject_lambda_context
def handler(event: Request, context: LambdaContext) -> Summary:
    today = datetime.now(UTC).date()
    window = Window.asked_for(event.get("from"), event.get("to"), today=today)
    provider = settings().provider
    details, notified = sources.datasets(provider)
    known = Lake(lake.deployed(), settings().database, provider, details, notified)
    unfinished = planning.unfinished(ledger.deployed().rows(provider), today=today)
    for row in unfinished:
        queues.send(messages.again(row.key, 0))
    batches = people = 0
    with TemporaryDirectory() as folder:
        found = known.people(
            Path(folder),
            first=window.first,
            last=window.last,
            seen_since=today - planning.SEEN_WITHIN,
        )
        for request in planning.requests(found, window, today=today):
            queues.send(messages.reconcile(request))
            batches += 1
            people += len(request.people)
    logger.info("reconciliation begun", extra={"people": people, "batches": batches})
    return {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "people": people,
        "batches": batches,
        "unfinished": len(unfinished),
    }
