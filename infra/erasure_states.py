"""The states of the machine that erases people: its history names passes and nobody."""

from collections.abc import Mapping, Sequence

from infra.stages import Retries
from infra.states import State, call

MOST_ROUNDS = 5
PASS = {"pass_id": "{% $states.input.pass_id %}", "round": "{% $states.input.round %}"}
WHERE = {"begin": "{% $states.input.begin %}", "after": "{% $states.input.after %}"}
FIRST_ROUND = {"pass_id": "{% $states.input.pass_id %}", "round": 1, "begin": 0, "after": ""}
FROM_THE_BEGINNING = "{% $merge([$states.input, {'begin': 0, 'after': ''}]) %}"
GOES_ON = "{% $merge([$states.input, $states.result.Payload]) %}"


def erasure(
    *,
    begin: str,
    revoke: Mapping[str, str],
    purge: str,
    verify: str,
    finish: str,
    retries: Retries,
    pause_seconds: int,
) -> State:
    """Rounds go on until nothing is found any more; then whoever waits meanwhile is next."""
    return {
        "StartAt": "Pause",
        "States": {
            # What was under way when the gate was shut has arrived by then.
            "Pause": {"Type": "Wait", "Seconds": pause_seconds, "Next": "Begin"},
            "Begin": {
                **call(begin, {"execution": "{% $states.context.Execution.Id %}"}, retries),
                "Next": "Begun",
            },
            "Begun": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $states.input.next = 'go on' %}", "Next": "First"},
                    {"Condition": "{% $states.input.next = 'wait' %}", "Next": "Pause"},
                ],
                "Default": "Done",
            },
            **_rounds(list(revoke.values()), purge, verify, retries, pause_seconds),
            "Finish": {**call(finish, PASS, retries), "Next": "Begin"},
            "Done": {"Type": "Succeed"},
            "NotClean": {
                "Type": "Fail",
                "Error": "StillMentioned",
                "Cause": "Something of those who are being erased keeps coming back: the notes of"
                " the pass in the results bucket say where.",
            },
        },
    }


def _rounds(
    revoke: Sequence[str], purge: str, verify: str, retries: Retries, pause_seconds: int
) -> State:
    """Until nobody is found any more, or it makes no sense to go on."""
    return {
        "First": {"Type": "Pass", "Output": FIRST_ROUND, "Next": "Learn"},
        "Learn": _once(purge, "learn", retries, following="Revoke"),
        "Revoke": _revoke(revoke, retries),
        **_until_done("Tables", purge, {"step": "tables"}, retries, following="Objects"),
        **_until_done("Objects", purge, {"step": "objects"}, retries, following="Leftovers"),
        "Leftovers": _once(purge, "leftovers", retries, following="Verify"),
        **_until_done("Verify", verify, {}, retries, following="Judge"),
        "Judge": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $states.input.hits = 0 %}", "Next": "Finish"},
                {"Condition": f"{{% $states.input.round < {MOST_ROUNDS} %}}", "Next": "Again"},
            ],
            "Default": "NotClean",
        },
        "Again": {
            "Type": "Wait",
            "Seconds": pause_seconds,
            "Output": "{% $merge([$states.input, {'round': $states.input.round + 1}]) %}",
            "Next": "Learn",
        },
    }


def _once(function: str, step: str, retries: Retries, *, following: str) -> State:
    return {
        **call(function, {**PASS, "step": step}, retries),
        "Output": FROM_THE_BEGINNING,
        "Next": following,
    }


def _until_done(
    name: str, function: str, payload: State, retries: Retries, *, following: str
) -> State:
    """One call after the other: each goes on where the one before had no more time."""
    return {
        name: {
            **call(function, {**PASS, **WHERE, **payload}, retries),
            "Output": GOES_ON,
            "Next": f"{name}Done",
        },
        f"{name}Done": {
            "Type": "Choice",
            "Choices": [
                {
                    "Condition": "{% $states.input.is_done %}",
                    "Output": FROM_THE_BEGINNING,
                    "Next": following,
                }
            ],
            "Default": name,
        },
    }


def _revoke(functions: Sequence[str], retries: Retries) -> State:
    """A provider that can't be told keeps nobody's data here: it becomes somebody's task."""
    task = call("{% $states.input.function %}", {"pass_id": "{% $states.input.pass_id %}"}, retries)
    return {
        "Type": "Map",
        "Items": [{"function": one} for one in functions],
        "ItemSelector": {
            "function": "{% $states.context.Map.Item.Value.function %}",
            "pass_id": "{% $states.input.pass_id %}",
        },
        "ItemProcessor": _processor(
            {
                "Ask": {
                    **task,
                    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "NotTold"}],
                    "End": True,
                },
                "NotTold": {"Type": "Pass", "End": True},
            }
        ),
        "Output": FROM_THE_BEGINNING,
        "Next": "Tables",
    }


def _processor(states: Mapping[str, State]) -> State:
    return {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": next(iter(states)),
        "States": states,
    }
