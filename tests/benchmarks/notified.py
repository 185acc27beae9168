"""One webhook of MOVE on its way through our own code; its API answers what is made up here."""

import gzip
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from telematics.catalog import PROVIDERS
from telematics.enrichment.enriching import Enrichment
from telematics.providers.move import client
from telematics.providers.move.details import MoveDetails
from telematics.raw import RawKey
from telematics.signing_secrets import SigningSecrets
from telematics.together import Batch
from telematics.webhooks import Receiver
from tests.benchmarks.cold_start import delivery
from tests.benchmarks.webhooks import OneSecret
from tests.unit.fakes import FakeBus
from tests.unit.gated_world import GatedWorld

PAYLOADS = Path(__file__).parents[1] / "payloads/move"
PRODUCT = "4711"
START = datetime(2024, 3, 5, 7, tzinfo=UTC)
KINDS = ("DRIVING", "IDLE")
SECONDS_BETWEEN_POINTS = 10
Json = dict[str, Any]  # Any: JSON of any shape


@dataclass
class Notified:
    """So many items, every other one a drive with so many points. Each step is taken once."""

    world: GatedWorld
    items: int
    points: int
    number: int
    received_bytes: int = 0
    _details: MoveDetails = field(init=False)

    def __post_init__(self) -> None:
        self._drive = json.loads((PAYLOADS / "answer_item_of_a_drive.json").read_text())
        self._answered = {one["contractId"]: one for one in map(self._item, range(self.items))}
        fields = {"product_id": SecretStr(PRODUCT), "api_key": SecretStr("a-key")}
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        move = client.connect(fields, base_url="http://move.test", client=http)
        self._details = MoveDetails(move, most=move.batch_size)
        self._body = json.dumps({"items": [self._told(one) for one in self._answered.values()]})
        self._ways = {one: self._way(one) for one in self._answered}
        self._heard: list[RawKey] = []

    def receive(self) -> None:
        sent = self._body.encode()
        event = delivery(sent) | {"body": self._body, "isBase64Encoded": False}
        manager: Any = OneSecret()
        secrets = SigningSecrets("", PROVIDERS["move"], manager, lambda: 0.0)
        receiver = Receiver(PROVIDERS["move"], secrets, self.world.s3.zone)
        receiver.take(event, now=self.world.now)  # type: ignore[arg-type]  # has what it needs
        self.received_bytes = len(sent)
        self._heard = self.world.s3.heard()

    def enrich(self) -> None:
        [key] = self._heard
        Enrichment(
            provider="move",
            dataset="timeline_items",
            source=self._details,
            zone=self.world.s3.zone,
            ledger=self.world.ledger,
            bus=FakeBus().bus,
            gate=self.world.users.gate(),
            now=lambda: self.world.now,
        ).take(key, last_round=False)
        self._heard += self.world.s3.heard()

    def merge(self) -> None:
        batch = Batch.begin(self.world.intake, self._heard)
        rows = sum(loaded.rows for key in self._heard if (loaded := batch.take(key)))
        if rows < self.items * (1 + self.points / 2):
            raise SystemExit(f"only {rows} rows were merged")

    @property
    def objects(self) -> int:
        """Made by asking."""
        return len(self._heard) - 1

    @property
    def plain_bytes(self) -> int:
        """Of what was answered, before it was packed."""
        packed = (self.world.s3.objects[str(key)] for key in self._heard[1:])
        return sum(len(gzip.decompress(one)) for one in packed)

    @property
    def enriched_bytes(self) -> int:
        return sum(len(self.world.s3.objects[str(key)]) for key in self._heard[1:])

    def _item(self, place: int) -> Json:
        start = START + timedelta(seconds=self.number * 7_200 + place)
        return {
            **self._drive,
            "contractId": f"contract-{self.number}-{place}",
            "startTs": _rfc3339(start),
            "endTs": _rfc3339(start + timedelta(minutes=15)),
            "type": KINDS[place % 2],
            **({} if place % 2 == 0 else {"features": {}}),
        }

    def _told(self, item: Json) -> Json:
        """What the notifier says of it."""
        times = {"startTime": item["startTs"], "endTime": item["endTs"]}
        who = {"productId": int(PRODUCT), "contractId": item["contractId"]}
        return {**who, **times, "type": item["type"]}

    def _way(self, contract: str) -> bytes:
        """No two alike: what repeats would be packed to nothing."""
        chance = random.Random(contract)  # noqa: S311  # nothing is kept secret by it
        north, east = 47 + chance.random(), 15 + chance.random()
        way = []
        for place in range(self.points):
            moment = START + timedelta(seconds=place * SECONDS_BETWEEN_POINTS)
            north, east = north + chance.gauss(0, 0.001), east + chance.gauss(0, 0.001)
            road = {"roadLat": round(north, 5), "roadLon": round(east, 5)}
            told = {"speed": chance.randrange(60), "speedLimit": 50, "wayType": "city", **road}
            where = {"lat": round(north, 6), "lon": round(east, 6)}
            way.append({"timestamp": _rfc3339(moment), **where, "wayPointInfo": told})
        return json.dumps(way).encode()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/points"):
            return httpx.Response(200, content=self._ways[request.url.params["contractId"]])
        body = request.content
        asked = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        return httpx.Response(200, json=[self._answered[one["contractId"]] for one in asked])


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
