"""Dead letters back where they came from: by SQS itself where it can, else one by one."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from infra.cli.exits import CommandError
from infra.cli.redriving.letters import Letter, Letters
from infra.cli.redriving.repeating import Repeating

PAUSE_SECONDS = 3.0
CANNOT = ("InvalidAction", "UnsupportedOperation")


@dataclass
class Moved:
    """How many went back; `kept` are those that did not, by what to do instead."""

    count: int = 0
    kept: Counter[str] = field(default_factory=Counter)


def moved(
    letters: Letters, *, most: int | None, sleep: Callable[[float], None] = time.sleep
) -> Moved:
    """Those that were there when it began: one that fails again is not moved again."""
    there = letters.count()
    if letters.source is None:
        repeating = Repeating(letters.deployment)
        return _one_by_one(letters, _limited(there, most), repeating.repeat)
    if there and most is None and (count := _by_sqs(letters, letters.source, sleep)) is not None:
        return Moved(count)
    return _one_by_one(letters, _limited(there, most), _sender(letters, letters.source))


def _limited(there: int, most: int | None) -> int:
    return there if most is None else min(there, most)


def _one_by_one(letters: Letters, most: int, sent_on: Callable[[Letter], str]) -> Moved:
    """`sent_on` says why not. A letter is deleted only once it has been taken elsewhere."""
    result = Moved()
    held: list[Letter] = []
    try:
        for letter in letters.received(most):
            held.append(letter)
            if why := sent_on(letter):
                result.kept[why] += 1
                continue
            letters.delete(letter)
            held.pop()
            result.count += 1
    finally:
        for letter in held:
            letters.put_back(letter)
    return result


def _sender(letters: Letters, queue: str) -> Callable[[Letter], str]:
    def send(letter: Letter) -> str:
        letters.deployment.queues.send_message(QueueUrl=queue, MessageBody=letter.body)
        return ""

    return send


def _by_sqs(letters: Letters, queue: str, sleep: Callable[[float], None]) -> int | None:
    """None where the service has no such call."""
    from botocore.exceptions import ClientError

    client: Any = letters.deployment.queues
    source = _arn(client, letters.url)
    try:
        client.start_message_move_task(SourceArn=source, DestinationArn=_arn(client, queue))
    except ClientError as error:
        if error.response["Error"]["Code"].rpartition(".")[2] in CANNOT:
            return None
        raise
    while True:
        [task] = client.list_message_move_tasks(SourceArn=source, MaxResults=1)["Results"]
        if task["Status"] not in ("RUNNING", "CANCELLING"):
            break
        sleep(PAUSE_SECONDS)
    count = int(task.get("ApproximateNumberOfMessagesMoved", 0))
    if task["Status"] != "COMPLETED":
        why = task.get("FailureReason", "no reason is given")
        raise CommandError(
            f"SQS stopped moving the dead letters of {letters.name} after {count:,}: {why}; what is"
            " left is where it was"
        )
    return count


def _arn(client: Any, url: str) -> str:  # Any: its stubs know fewer calls than it has
    told = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(told["Attributes"]["QueueArn"])
