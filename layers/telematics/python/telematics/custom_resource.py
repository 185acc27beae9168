"""CloudFormation's own questions to a function, answered where it waits for the answer."""

from typing import TypedDict

import httpx
from aws_lambda_powertools.utilities.typing import LambdaContext

ANSWER_WITHIN_SECONDS = 30
REASON_CHARACTERS = 1_000


class Question(TypedDict):
    """`ResponseURL` is a credential: it is neither logged nor shown."""

    RequestType: str  # Create, Update or Delete
    ResponseURL: str
    StackId: str
    RequestId: str
    LogicalResourceId: str


def answer(question: Question, context: LambdaContext, *, resource: str, failure: str = "") -> None:
    """Without an answer the deployment waits for an hour. `resource` is its physical id."""
    body = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": (failure or f"see {context.log_stream_name}")[:REASON_CHARACTERS],
        "PhysicalResourceId": resource,
        "StackId": question["StackId"],
        "RequestId": question["RequestId"],
        "LogicalResourceId": question["LogicalResourceId"],
    }
    # The link is signed for a request without a content type.
    httpx.put(
        question["ResponseURL"],
        json=body,
        headers={"Content-Type": ""},
        timeout=ANSWER_WITHIN_SECONDS,
    ).raise_for_status()
