"""Dead letters as they lie there: how many, how old, and why, as far as they tell."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.cli import status
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MOST_AT_ONCE = 10  # that SQS hands out
MOST_LOOKED_AT = 500
HELD_SECONDS = 120
WAIT_SECONDS = 1  # asked at once, SQS may not see what is there
UNKNOWN = "it is not told"
FAILED = "the function failed"


@dataclass(frozen=True)
class Letter:
    """One message. Only what is told beside it is ever shown."""

    body: str = field(repr=False)
    receipt: str = field(repr=False)
    sent_at: datetime | None
    told: Mapping[str, str]

    @classmethod
    def of(cls, message: "MessageTypeDef") -> "Letter":
        attributes = message.get("MessageAttributes", {})
        sent = message.get("Attributes", {}).get("SentTimestamp")
        return cls(
            body=message.get("Body", ""),
            receipt=message.get("ReceiptHandle", ""),
            sent_at=datetime.fromtimestamp(int(sent) / 1_000, UTC) if sent else None,
            told={name: one.get("StringValue", "") for name, one in attributes.items()},
        )

    @property
    def code(self) -> str:
        """What the services write beside what they could not deliver: no sentence of theirs, which
        may name anybody."""
        return self.told.get("ERROR_CODE") or (FAILED if "RequestID" in self.told else "")


@dataclass(frozen=True)
class Letters:
    """The dead letters of one queue, by the name that `telematics status` has for it."""

    deployment: Deployment
    name: str
    output: str

    @property
    def url(self) -> str:
        return self.deployment.output(f"DeadLetters{self.output}")

    @property
    def source(self) -> str | None:
        """The queue they come from; None where nobody has queued them."""
        return self.deployment.outputs.get(f"Queue{self.output}")

    def count(self) -> int:
        return status.depth(self.deployment, f"DeadLetters{self.output}")

    def received(self, most: int) -> Iterator[Letter]:
        """Nobody else gets them for a while; whoever does not delete them puts them back."""
        left = most
        while left > 0:
            answer = self.deployment.queues.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=min(MOST_AT_ONCE, left),
                VisibilityTimeout=HELD_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            left -= len(messages)
            yield from map(Letter.of, messages)

    def put_back(self, letter: Letter) -> None:
        self.deployment.queues.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
        )

    def delete(self, letter: Letter) -> None:
        self.deployment.queues.delete_message(QueueUrl=self.url, ReceiptHandle=letter.receipt)


@dataclass
class Look:
    """What is there. `reasons` are those of the ones that were looked at."""

    dead: int = 0
    oldest: datetime | None = None
    reasons: Counter[str] = field(default_factory=Counter)


def look(letters: Letters) -> Look:
    """Nothing is changed by it."""
    found = Look(letters.count())
    held: list[Letter] = []
    try:
        for one in letters.received(min(found.dead, MOST_LOOKED_AT)):
            held.append(one)
            found.reasons[reason(letters.deployment, one)] += 1
            if one.sent_at and (found.oldest is None or one.sent_at < found.oldest):
                found.oldest = one.sent_at
    finally:
        for one in held:
            letters.put_back(one)
    return found


def reason(deployment: Deployment, letter: Letter) -> str:
    """The code beside it, or what the ledger says of the object that it is about."""
    from telematics.announced import key_in
    from telematics.ledger import Ledger
    from telematics.raw import RawKey

    if letter.code:
        return letter.code
    if not (text := key_in(letter.body)):
        return UNKNOWN
    key = RawKey.parse(text)
    row = Ledger(deployment.ledger).get(key.provider, key.file)
    if row is None:
        return UNKNOWN
    return row.error or f"its file is {row.state}"


def queues(deployment: Deployment) -> dict[str, Letters]:
    """By the stack's outputs, as `telematics status` names them."""
    prefix = "DeadLetters"
    outputs = [one.removeprefix(prefix) for one in deployment.outputs if one.startswith(prefix)]
    return {
        name: Letters(deployment, name, output)
        for output in sorted(outputs)
        for name in [status.spelled(output)]
    }
