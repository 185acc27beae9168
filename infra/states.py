"""States that several machines have in common."""

from collections.abc import Mapping
from typing import Any

from infra.stages import Retries

State = Mapping[str, Any]  # a state of the Amazon States Language, which is JSON

# Raised by name on AWS, where a class of errors doesn't stand for those made from it; asking again
# changes nothing.
HOPELESS = ["InvalidRequest", "MissingSetting", "ProviderRefused", "Forbidden", "NotFound"]

GIVEN_UP = "{% $merge([$states.input, {'fault': $states.errorOutput.Error}]) %}"


def call(function: str, payload: object, retries: Retries) -> State:
    """Call a function; what it returns is the output."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": payload},
        "Output": "{% $states.result.Payload %}",
        "Retry": [
            _when_crowded(retries),
            {"ErrorEquals": HOPELESS, "MaxAttempts": 0},
            *patiently(retries),
        ],
    }


def _when_crowded(retries: Retries) -> State:
    """More functions would run at once than may: that passes, and is no failure of any."""
    return {
        "ErrorEquals": [retries.crowded],
        "IntervalSeconds": 1,
        "BackoffRate": 1.5,
        "MaxDelaySeconds": 30,
        "MaxAttempts": 20,
        "JitterStrategy": "FULL",
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


def choice(following: State, *, default: str) -> State:
    """By what a function says is next."""
    return {
        "Type": "Choice",
        "Choices": [
            {"Condition": f"{{% $states.input.next = '{word}' %}}", "Next": state}
            for word, state in following.items()
        ],
        "Default": default,
    }


def caught(following: str) -> State:
    """Whatever went wrong is named, and something follows all the same."""
    return {"ErrorEquals": ["States.ALL"], "Output": GIVEN_UP, "Next": following}
