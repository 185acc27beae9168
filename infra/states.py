"""States that several machines have in common."""

from collections.abc import Mapping
from typing import Any

from infra.stages import Retries

State = Mapping[str, Any]  # a state of the Amazon States Language, which is JSON

# Raised by name on AWS, where a class of errors doesn't stand for those made from it; asking again
# changes nothing.
HOPELESS = ["InvalidRequest", "MissingSetting", "ProviderRefused", "Forbidden", "NotFound"]


def call(function: str, payload: object, retries: Retries) -> State:
    """Call a function; what it returns is the output."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": payload},
        "Output": "{% $states.result.Payload %}",
        "Retry": [{"ErrorEquals": HOPELESS, "MaxAttempts": 0}, *patiently(retries)],
    }


def patiently(retries: Retries) -> list[State]:
    return [
        {
            "ErrorEquals": ["States.ALL"],
            "IntervalSeconds": retries.first_after_seconds,
            "BackoffRate": retries.backoff_rate,
            "MaxAttempts": retries.attempts,
            "JitterStrategy": "FULL",
        }
    ]
