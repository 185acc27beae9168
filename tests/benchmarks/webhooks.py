"""A full webhook, from its bytes to a checked delivery: `python -m tests.benchmarks.webhooks`.

Everything that the receiver does with 1000 items before it stores them, beside the floor (the same
HMAC, and orjson without any check) and beside pydantic doing the same. All take turns in one
process on one core; prints the median of each in milliseconds.
"""

import hmac
import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, cast

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from telematics.catalog import PROVIDERS
from telematics.providers.move.webhooks import SIGNATURE, TIMELINE
from telematics.signing_secrets import SigningSecrets
from telematics.webhooks import HttpEvent, Receiver
from tests.benchmarks.cold_start import SECRET, delivery

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from telematics.raw import Zone

ITEMS = 1_000
TURNS = 300
TYPES = ("IDLE", "CYCLING", "WALKING", "DRIVING")
EPOCH = datetime(2020, 10, 16, tzinfo=UTC)


class Item(BaseModel):
    """What `deliveries.TimelineItem` checks."""

    model_config = ConfigDict(frozen=True)

    product_id: int | str = Field(alias="productId")
    contract_id: int | str = Field(alias="contractId")
    start: AwareDatetime = Field(alias="startTime")
    end: AwareDatetime | None = Field(None, alias="endTime")
    type: str | None = None


class Timeline(BaseModel):
    items: list[Item]


class OneSecret:
    """Secrets Manager, asked at the first turn only."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, str]:  # noqa: N803
        return {"SecretString": json.dumps({TIMELINE.secret: SECRET})}


def body() -> bytes:
    """As many items as MOVE sends at once; the same ones every time."""
    chance = random.Random(1)  # noqa: S311  # nothing is kept secret by it
    items = []
    for _ in range(ITEMS):
        start = EPOCH + timedelta(milliseconds=chance.randrange(86_400_000))
        end = start + timedelta(milliseconds=chance.randrange(7_200_000))
        items.append(
            {
                "productId": 1000,
                "contractId": f"contract-{chance.getrandbits(128):032x}",
                "startTime": _rfc3339(start),
                "endTime": _rfc3339(end),
                "type": chance.choice(TYPES),
            }
        )
    return json.dumps({"items": items}).encode()


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def engines(sent: bytes) -> Mapping[str, Callable[[], object]]:
    event = cast(HttpEvent, delivery(sent) | {"body": sent.decode(), "isBase64Encoded": False})
    given = SIGNATURE.sign(sent, SECRET).encode()
    move = PROVIDERS["move"]
    secrets = SigningSecrets("", move, cast("SecretsManagerClient", OneSecret()), lambda: 0.0)
    receiver = Receiver(move, secrets, cast("Zone", None))

    def floor() -> object:
        hmac.digest(SECRET.encode(), sent, "sha256")
        return orjson.loads(sent)

    def receive_webhook() -> date | None:
        found, _ = receiver.authentic(event)
        return found.day()

    def pydantic() -> date:
        made = SIGNATURE.sign(sent, SECRET).encode()
        if not hmac.compare_digest(made, given):
            raise ValueError
        items = Timeline.model_validate_json(sent).items
        return max(one.start for one in items).astimezone(UTC).date()

    return {one.__name__: one for one in (floor, receive_webhook, pydantic)}


def measure() -> dict[str, float]:
    found = engines(body())
    if found["receive_webhook"]() != found["pydantic"]():
        raise SystemExit("they do not read the same")
    times: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(TURNS):
        for name, run in found.items():
            began = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - began)
    return {name: median(each) * 1000 for name, each in times.items()}


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sys.stdout.write(json.dumps(measure()) + "\n")


if __name__ == "__main__":
    main()
