"""A provider called our webhook: check it, keep the exact bytes, answer at once."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from telematics import webhooks
from telematics.errors import MissingSetting
from telematics.observability import logger, metrics
from telematics.webhooks import HttpEvent, HttpResponse, Refused, Taken

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


# An event shows its path, which may hold a token: no setting of Powertools' own has it logged.
@logger.inject_lambda_context(log_event=False)
@metrics.log_metrics
def handler(event: HttpEvent, context: "LambdaContext") -> HttpResponse:
    metrics.add_metric("WebhookCalls", MetricUnit.Count, 1)
    try:
        taken = webhooks.deployed().take(event, now=datetime.now(UTC))
    except Refused as refusal:
        return refused(refusal.reason, refusal.status)
    except MissingSetting as missing:
        logger.error(str(missing))
        return refused("not_configured", 503)
    count(taken)
    return accepted(taken.webhook.answer)


def accepted(answer: str) -> HttpResponse:
    response: HttpResponse = {"statusCode": 200, "body": answer}
    return {**response, "headers": {"content-type": "application/json"}} if answer else response


def refused(reason: str, status: int) -> HttpResponse:
    logger.warning("webhook refused", extra={"reason": reason})
    metrics.add_metric("WebhookRefused", MetricUnit.Count, 1)
    metrics.add_metadata("reason", reason)
    return {"statusCode": status}


def count(taken: Taken) -> None:
    told = {"raw_key": str(taken.key), "bytes": taken.size, "is_new": taken.is_new}
    logger.info("webhook stored", extra={**told, "signed_by": taken.signed_by})
    metrics.add_metric("WebhookAccepted", MetricUnit.Count, 1)
    with single_metric("WebhookSignedBy", MetricUnit.Count, 1) as signed:
        signed.add_dimension("secret", taken.signed_by)
    if taken.unexpected:
        logger.warning("the body is none we know", extra={**told, "reason": taken.unexpected})
        metrics.add_metric("WebhookUnexpected", MetricUnit.Count, 1)
