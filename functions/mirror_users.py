"""Users have changed: the lake is to see them as they are now."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.observability import logger
from telematics.users import mirror
from telematics.users.mirror import StreamEvent


@logger.inject_lambda_context
def handler(event: StreamEvent, context: LambdaContext) -> None:
    changed = set(mirror.changed(event))
    rows = mirror.deployed().refresh(changed)
    logger.info("users mirrored", extra={"users": len(changed), "rows": rows})
