"""The states of the machine that gets the details of a collision: ask, wait for an answer, account.

What passes between them is the request's id and what is to be done next. Who, where and at which
address stays in functions.
"""

from infra.stages import Retries
from infra.states import State, call, caught, choice

COLLISION_ID = "{% $states.input.collision_id %}"
EXECUTION = "{% $states.context.Execution.Name %}"
TIME_IS_UP = "States.Timeout"


def collision(*, ask: str, finish: str, retries: Retries, answer_seconds: str) -> State:
    """What is given up for a fault is accounted for as well, and fails the execution after that."""
    return {
        "StartAt": "Ask",
        "States": {
            "Ask": _ask(ask, retries, answer_seconds),
            # Otherwise it has ended already, or another execution works on it.
            "Asked": choice({"pause": "Pause", "finish": "Finish"}, default="Done"),
            "Pause": {
                "Type": "Wait",
                "Seconds": "{% $states.input.wait_seconds %}",
                "Next": "Ask",
            },
            "Finish": {
                **call(finish, {"collision_id": COLLISION_ID, "execution": EXECUTION}, retries),
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
                "Cause": "Something went wrong for good; the request's task says how it ended.",
            },
        },
    }


def _ask(ask: str, retries: Retries, answer_seconds: str) -> State:
    """Then wait: the function itself says what else is to be done, or an answer that came does.

    Without either it is asked again, as often as the function knows.
    """
    payload = {
        "collision_id": COLLISION_ID,
        "token": "{% $states.context.Task.Token %}",
        "execution": EXECUTION,
    }
    task = call(ask, payload, retries)
    return {
        **task,
        "Resource": f"{task['Resource']}.waitForTaskToken",
        "TimeoutSeconds": f"{{% {answer_seconds} %}}",
        "Output": "{% $states.result %}",
        "Retry": [{"ErrorEquals": [TIME_IS_UP], "MaxAttempts": 0}, *task["Retry"]],
        "Catch": [
            {
                "ErrorEquals": [TIME_IS_UP],
                "Output": {"collision_id": COLLISION_ID},
                "Next": "Ask",
            },
            caught("Finish"),
        ],
        "Next": "Asked",
    }
