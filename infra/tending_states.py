"""The states of the machine that tends the lake: tables, some at once, each call after call."""

from infra.stages import Retries
from infra.states import State, call, caught

AT_ONCE = 2


def tending(*, tend: str, retries: Retries) -> State:
    """Tables may be named, or all are listed. One that fails stops no other; it is told at last."""
    return {
        "StartAt": "List",
        "States": {
            "List": {**call(tend, "{% $states.input %}", retries), "Next": "Tables"},
            "Tables": {
                "Type": "Map",
                "Items": "{% $states.input.orders %}",
                "MaxConcurrency": AT_ONCE,
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "Tend",
                    "States": _table(tend, retries),
                },
                "Output": {"tables": "{% $states.result %}"},
                "Next": "Judge",
            },
            "Judge": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $exists($states.input.tables.fault) %}", "Next": "NotAll"}
                ],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
            "NotAll": {
                "Type": "Fail",
                "Error": "NotAllTended",
                "Cause": "Some tables could not be tended, and are as they were: the log of"
                " tend_lake says why. All others are done.",
            },
        },
    }


def _table(tend: str, retries: Retries) -> State:
    """What a call returns is the order for the next one."""
    return {
        "Tend": {
            **call(tend, "{% $states.input %}", retries),
            "Catch": [caught("Ended")],
            "Next": "IsDone",
        },
        "IsDone": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.is_done %}", "Next": "Ended"}],
            "Default": "Tend",
        },
        "Ended": {"Type": "Pass", "End": True},
    }
