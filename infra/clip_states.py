"""The states of the machine that brings a clip: ask for it, wait for it, store it, account for it.

What passes between them is the clip's id, waits and outcomes. The request stays in the execution's
input; links and keys of the provider stay in functions.
"""

from infra.stages import Retries
from infra.states import State, call, caught, choice

FILES_AT_ONCE = 2
CLIP_ID = "{% $states.input.clip_id %}"
WAIT_SECONDS = "{% $states.input.wait_seconds %}"
TIME_IS_UP = "States.Timeout"
# The request; who works on it; and once it is claimed, the id of its clip.
REQUEST = (
    "{% $merge([{'detail': $states.context.Execution.Input,"
    " 'execution': $states.context.Execution.Name},"
    " $exists($states.input.clip_id) ? {'clip_id': $states.input.clip_id} : {}]) %}"
)
# Only who works on a clip may end it.
ENDED_BY = (
    "{% $merge([{'clip_id': $states.input.clip_id, 'execution': $states.context.Execution.Name},"
    " $exists($states.input.fault) ? {'fault': $states.input.fault} : {}]) %}"
)


def clip(
    *,
    begin: str,
    poll: str,
    store: str,
    finish: str,
    retries: Retries,
    growth: float,
    longest_seconds: str,
) -> State:
    """What is given up for a fault is accounted for as well, and fails the execution after that."""
    return {
        "StartAt": "Begin",
        "States": {
            "Begin": {
                **call(begin, REQUEST, retries),
                "Catch": [caught("IsClaimed")],
                "Next": "Begun",
            },
            # Otherwise it has ended already, or another execution works on it.
            "Begun": choice({"poll": "Poll", "wait": "Pause"}, default="Done"),
            "Pause": {"Type": "Wait", "Seconds": WAIT_SECONDS, "Next": "Begin"},
            "Poll": _poll(poll, retries, growth, longest_seconds),
            "Polled": choice({"poll": "Poll", "ask": "Pause", "store": "Store"}, default="Finish"),
            "Store": _store(store, retries),
            "IsClaimed": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $exists($states.input.clip_id) %}", "Next": "Finish"}
                ],
                "Default": "Broken",
            },
            "Finish": {
                **call(finish, ENDED_BY, retries),
                "Output": "{% $merge([$states.input, {'finished': $states.result.Payload}]) %}",
                "Next": "IsWhole",
            },
            "IsWhole": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $exists($states.input.fault) %}", "Next": "Broken"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
            "Broken": {
                "Type": "Fail",
                "Error": "{% $states.input.fault %}",
                "Cause": "Something went wrong for good; the clip's task says what there is of it.",
            },
        },
    }


def _poll(poll: str, retries: Retries, growth: float, longest_seconds: str) -> State:
    """Ask how far it is, then wait for an answer: by the function itself, or by a webhook.

    Without one it is asked again, each time later.
    """
    payload = {
        "clip_id": CLIP_ID,
        "token": "{% $states.context.Task.Token %}",
        "wait_seconds": WAIT_SECONDS,
    }
    task = call(poll, payload, retries)
    longer = f"$min([$ceil($states.input.wait_seconds * {growth}), {longest_seconds}])"
    return {
        **task,
        "Resource": f"{task['Resource']}.waitForTaskToken",
        "TimeoutSeconds": WAIT_SECONDS,
        "Output": "{% $merge([$states.input, $states.result]) %}",
        "Retry": [{"ErrorEquals": [TIME_IS_UP], "MaxAttempts": 0}, *task["Retry"]],
        "Catch": [
            {
                "ErrorEquals": [TIME_IS_UP],
                "Output": {"clip_id": CLIP_ID, "wait_seconds": f"{{% {longer} %}}"},
                "Next": "Poll",
            },
            caught("Finish"),
        ],
        "Next": "Polled",
    }


def _store(store: str, retries: Retries) -> State:
    """Each video by its place among those that are there; one that fails spoils no other."""
    index = "{% $states.input.index %}"
    return {
        "Type": "Map",
        "Items": "{% [0..$states.input.videos - 1] %}",
        "ItemSelector": {"clip_id": CLIP_ID, "index": "{% $states.context.Map.Item.Value %}"},
        "MaxConcurrency": FILES_AT_ONCE,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": "Video",
            "States": {
                "Video": {
                    **call(store, {"clip_id": CLIP_ID, "index": index}, retries),
                    "Catch": [caught("NotStored")],
                    "End": True,
                },
                "NotStored": {"Type": "Pass", "End": True},
            },
        },
        "Output": (
            "{% $merge([{'clip_id': $states.input.clip_id}, $exists($states.result.fault)"
            " ? {'fault': $states.result.fault[0]} : {}]) %}"
        ),
        "Next": "Finish",
    }
