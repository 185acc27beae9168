"""At night: have everybody's things listed anew, and what is unfinished asked for again."""

from datetime import UTC, datetime
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
    known = Lake(lake.deployed(), settings().database, provider, details, notified).people(
        first=window.first, last=window.last, seen_since=today - planning.SEEN_WITHIN
    )
    unfinished = planning.unfinished(ledger.deployed().rows(provider), today=today)
    for row in unfinished:
        queues.send(messages.again(row.key, 0))
    batches = 0
    for request in planning.requests(known, window, today=today):
        queues.send(messages.reconcile(request))
        batches += 1
    logger.info("reconciliation begun", extra={"people": len(known), "batches": batches})
    return {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "people": len(known),
        "batches": batches,
        "unfinished": len(unfinished),
    }
