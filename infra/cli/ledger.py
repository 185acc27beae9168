"""The ledger as operators see it: what became of every file a provider listed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from infra.cli.ranges import DayRange
from infra.cli.target import Deployment

AFTER_EVERY_FILE = "~"  # sorts behind whatever a key goes on with after its day


@dataclass(frozen=True)
class Record:
    """One file: `state` is listed, stored, loaded or failed."""

    file: str
    state: str
    rows: int = 0
    quarantined: int = 0
    error: str = ""
    loaded_at: datetime | None = None

    @property
    def day(self) -> str:
        return self.file.partition("/")[0]

    @property
    def is_stored(self) -> bool:
        return self.state in ("stored", "loaded")

    @property
    def is_loaded(self) -> bool:
        return self.state == "loaded"

    @property
    def reason(self) -> str:
        """Why it is not in the lake (yet)."""
        waiting = {
            "listed": "not fetched yet",
            "stored": "fetched, waiting to be loaded",
        }
        return self.error or waiting.get(self.state, self.state)

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Record":
        """From DynamoDB's typed attributes: {"rows": {"N": "12"}}."""
        plain = {name: next(iter(value.values())) for name, value in item.items()}
        loaded_at = plain.get("loaded_at")
        return cls(
            file=plain["file"],
            state=plain["state"],
            rows=int(plain.get("rows") or 0),
            quarantined=int(plain.get("quarantined") or 0),
            error=str(plain.get("error") or ""),
            loaded_at=datetime.fromisoformat(loaded_at) if isinstance(loaded_at, str) else None,
        )


def records(deployment: Deployment, provider: str, days: DayRange | None = None) -> list[Record]:
    """In the order of their days."""
    first, last = (days.first, days.last) if days else (date.min, date.max)
    pages = deployment.dynamodb.get_paginator("query").paginate(
        TableName=deployment.output("LedgerTable"),
        KeyConditionExpression="provider = :provider and #file between :first and :last",
        ExpressionAttributeNames={"#file": "file"},
        ExpressionAttributeValues={
            ":provider": {"S": provider},
            ":first": {"S": str(first)},
            ":last": {"S": f"{last}/{AFTER_EVERY_FILE}"},
        },
    )
    return [Record.of(item) for page in pages for item in page["Items"]]
