"""How far a provider's events were asked for, and which of them are to be asked about again.

Both lie in the ledger's table, beside its rows and outside of its days: `cursor/<name>`, and
`open/<place of the event in the ledger>`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Key

from telematics import changes
from telematics.ledger import BEHIND_EVERY_FILE
from telematics.moments import stamp
from telematics.raw import RawKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

CURSOR, OPEN = "cursor/", "open/"


@dataclass(frozen=True)
class Chain:
    """Runs that together do one piece of work. What was done since `begun` need not be done again.

    `reached` is up to where everything was asked for, by this chain or by one before it.
    """

    name: str
    begun: datetime
    reached: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """Of one provider. Only the function that asks for its events writes here."""

    table: "Table"
    provider: str

    def begin(self, name: str, *, now: datetime) -> Chain:
        """Go on with a chain that was not ended, or begin one."""
        self._write(CURSOR + name, {}, {"begun": stamp(now)})
        begun = self._moment(name, "begun") or now
        return Chain(name, begun, self.reached(name))

    def reached(self, name: str) -> datetime | None:
        return self._moment(name, "reached")

    def reach(self, name: str, moment: datetime) -> None:
        self._write(CURSOR + name, {"reached": stamp(moment)})

    def end(self, chain: Chain) -> None:
        """All of it is done; how far it came stays known."""
        self._write(CURSOR + chain.name, {"begun": None})

    def forget(self, chain: Chain) -> None:
        """It is done, and the same may be asked for anew."""
        self._drop(CURSOR + chain.name)

    def open(self, event: RawKey) -> None:
        self._write(OPEN + event.file, {"raw_key": str(event)})

    def close(self, event: RawKey) -> None:
        self._drop(OPEN + event.file)

    def forget_event(self, event: RawKey) -> None:
        """As if it had never been listed."""
        self._drop(event.file)
        self.close(event)

    def all_open(self) -> Iterator[RawKey]:
        """From the oldest day to the newest."""
        where = Key("provider").eq(self.provider) & Key("file").between(
            OPEN, OPEN + BEHIND_EVERY_FILE
        )
        page = self.table.query(KeyConditionExpression=where, ConsistentRead=True)
        while True:
            yield from (RawKey.parse(str(item["raw_key"])) for item in page["Items"])
            if not (place := page.get("LastEvaluatedKey")):
                return
            page = self.table.query(
                KeyConditionExpression=where, ConsistentRead=True, ExclusiveStartKey=place
            )

    def _moment(self, name: str, attribute: str) -> datetime | None:
        answer = self.table.get_item(Key=self._place(CURSOR + name), ConsistentRead=True)
        told = answer.get("Item", {}).get(attribute)
        return datetime.fromisoformat(str(told)) if told else None

    def _write(
        self,
        file: str,
        facts: dict[str, object],
        initially: dict[str, object] | None = None,
    ) -> None:
        change = changes.Change()
        change.write(facts, initially or {})
        changes.made(self.table, self._place(file), change)

    def _drop(self, file: str) -> None:
        self.table.delete_item(Key=self._place(file))

    def _place(self, file: str) -> dict[str, str]:
        return {"provider": self.provider, "file": file}
