"""The states of the two machines that fetch offloads.

What passes between them is days, names of files and outcomes: no link, no key, no payload.
"""

from infra.stages import Retries
from infra.states import State, call, patiently

DAYS_AT_ONCE = 2
FILES_AT_ONCE = 4


def offloads(*, plan: str, offload_day: str, retries: Retries) -> State:
    """List what there is and plan it against the ledger; then each day in its own execution."""
    day = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Arguments": {
            "StateMachineArn": offload_day,
            "Input": {
                "day": "{% $states.input %}",
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "{% $states.context.Execution.Id %}",
            },
        },
        "Output": "{% $states.result.Output %}",
        "Catch": [_caught("NotFetched", {"day": "{% $states.input %}", "outcome": "failed"})],
        "End": True,
    }
    return {
        "StartAt": "Plan",
        "States": {
            "Plan": {
                **call(plan, "{% $states.input %}", retries),
                "Next": "Days",
            },
            "Days": {
                "Type": "Map",
                "Items": "{% $states.input.days %}",
                "MaxConcurrency": DAYS_AT_ONCE,
                "ItemProcessor": _each("Day", {"Day": day, "NotFetched": _PASS}),
                "Output": {
                    "planned": "{% $sift($states.input, function($v, $k) { $k != 'days' }) %}",
                    "days": "{% $count($states.result) %}",
                    **{
                        outcome: f"{{% $count($states.result[outcome = '{outcome}']) %}}"
                        for outcome in ("complete", "incomplete", "failed")
                    },
                },
                "End": True,
            },
        },
    }


def offload_day(*, provider: str, ledger: str, fetch: str, account: str, retries: Retries) -> State:
    """Fetch what the ledger says is missing of a day, then account for the whole day."""
    file = {
        **call(fetch, "{% $states.input %}", retries),
        "Catch": [_caught("NotFetched", {"outcome": "failed"})],
        "End": True,
    }
    return {
        "StartAt": "Missing",
        "States": {
            "Missing": _missing(provider, ledger, retries),
            "Files": {
                "Type": "Map",
                "Items": "{% $states.input.files %}",
                "ItemSelector": {
                    "day": "{% $states.input.day %}",
                    "file": "{% $states.context.Map.Item.Value %}",
                },
                "MaxConcurrency": FILES_AT_ONCE,
                "ItemProcessor": _each("File", {"File": file, "NotFetched": _PASS}),
                "Output": {"day": "{% $states.input.day %}"},
                "Next": "Account",
            },
            "Account": {
                **call(account, "{% $states.input %}", retries),
                "End": True,
            },
        },
    }


def _missing(provider: str, ledger: str, retries: Retries) -> State:
    """A day has some dozens of files: they fit into one page of the answer."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:query",
        "Arguments": {
            "TableName": ledger,
            "ConsistentRead": True,
            "KeyConditionExpression": "#provider = :provider AND begins_with(#file, :day)",
            "FilterExpression": "#state IN (:listed, :failed)",
            "ProjectionExpression": "#file",
            "ExpressionAttributeNames": {
                "#provider": "provider",
                "#file": "file",
                "#state": "state",
            },
            "ExpressionAttributeValues": {
                ":provider": {"S": provider},
                ":day": {"S": "{% $states.input.day & '/' %}"},
                ":listed": {"S": "listed"},
                ":failed": {"S": "failed"},
            },
        },
        "Output": {
            "day": "{% $states.input.day %}",
            "files": "{% [$states.result.Items.file.S] %}",
        },
        "Retry": patiently(retries),
        "Next": "Files",
    }


_PASS: State = {"Type": "Pass", "End": True}


def _caught(following: str, output: State) -> State:
    return {"ErrorEquals": ["States.ALL"], "Output": output, "Next": following}


def _each(first: str, states: State) -> State:
    return {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": first, "States": states}
