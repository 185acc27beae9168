"""What each provider's simulator has, on its way through our own code into real tables.

A flow has deliveries, as they come to our door; messages, which say that an object is in raw; and a
truth, which is the simulator's own count of rows. A test repeats, reorders, delays or breaks them.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

import httpx
from pydantic import SecretStr
from pyiceberg.catalog import Catalog

from telematics.capabilities import Capabilities
from telematics.catalog import PROVIDERS
from telematics.enrichment.enriching import Enrichment
from telematics.errors import TelematicsError
from telematics.intake import LEASE
from telematics.providers.move import client as move
from telematics.providers.move.details import MoveDetails
from telematics.raw import RawKey
from telematics.signing_secrets import SECRET_LIFETIME_SECONDS, SigningSecrets
from telematics.tasks import Tasks
from telematics.together import Batch
from telematics.webhooks import HttpEvent, Receiver
from tests.sandbox.simulators.dashcam import SECRET as DASHCAM
from tests.sandbox.simulators.move import SECRET as MOVE
from tests.sandbox.simulators.zendrive import SECRET as ZENDRIVE
from tests.unit import simulated_move, simulated_offloads, simulated_zendrive
from tests.unit.fakes import FakeBus, FakeTable
from tests.unit.gated_world import GatedWorld
from tests.unit.signed_deliveries import ARN, Clock, FakeSecretsManager
from tests.unit.test_sync_simulator import Lake

PEOPLE, DRIVES, ENOUGH_ROUNDS = 3, ["DRIVING", "IDLE"], 100
OFFLOADS = ("transports", "driving_events_all", "driving_insights")
SYNCED = {"from": "2023-06-19", "to": "2023-06-19"}
Delivery = Callable[[], None]


class Died(BaseException):
    """The process is gone: nothing that it would have tidied up is tidied up."""


@dataclass
class Flow:
    """`work` is one call of a function with some messages; it returns those that come back.

    `asked_for` is what we ask for ourselves, `details` what is done beside loading.
    """

    world: GatedWorld
    truth: Mapping[str, int]
    deliveries: list[Delivery] = field(default_factory=list)
    asked_for: Delivery = lambda: None
    details: Callable[[RawKey], None] = lambda key: None

    def deliver(self) -> list[RawKey]:
        """Everything, once; the messages that come of it."""
        self.asked_for()
        for one in self.deliveries:
            one()
        return self.world.s3.heard()

    def work(self, keys: Sequence[RawKey]) -> list[RawKey]:
        batch = Batch.begin(self.world.intake, keys)
        return [key for key in keys if not self._taken(batch, key)]

    def _taken(self, batch: Batch, key: RawKey) -> bool:
        try:
            batch.take(key)
            self.details(key)
        except (TelematicsError, ConnectionError):
            return False
        return True

    def drain(self, keys: Sequence[RawKey]) -> None:
        """Until nothing comes back, and nothing new comes of it. Who has failed waits a while."""
        waiting = list(keys)
        for _ in range(ENOUGH_ROUNDS):
            if not waiting:
                return
            failed = self.work(waiting)
            waiting = failed + self.world.s3.heard()
            self.pass_by(LEASE if failed else timedelta(seconds=1))
        raise AssertionError("it never settles")

    def pass_by(self, time: timedelta) -> None:
        self.world.now += time
        self.world.users.seconds += time.total_seconds()

    def rows(self) -> dict[str, int]:
        return {name: len(self.world.rows(name)) for name in self.truth}


@dataclass
class Door:
    """A provider's webhooks; its secret may be changed while they are open."""

    flow: Flow
    provider: str
    fields: dict[str, str]
    skew: timedelta = timedelta()
    clock: Clock = field(default_factory=Clock)
    tasks: FakeTable = field(default_factory=FakeTable)

    def __post_init__(self) -> None:
        self.manager = FakeSecretsManager(json.dumps(self.fields))
        provider = PROVIDERS[self.provider]
        secrets = SigningSecrets(ARN, provider, cast(Any, self.manager), self.clock)
        zone = self.flow.world.s3.zone
        self.receiver = Receiver(provider, secrets, zone, lambda: self.capabilities)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(Tasks(cast(Any, self.tasks)))

    def change(self, **fields: str) -> None:
        """Every receiver knows of it after some seconds."""
        self.fields |= fields
        self.manager.put({name: text for name, text in self.fields.items() if text})
        self.clock.now += SECRET_LIFETIME_SECONDS

    def take(self, event: HttpEvent) -> None:
        """Raises Refused."""
        self.receiver.take(event, now=self.flow.world.now + self.skew)


def event(path: str, body: bytes, headers: Mapping[str, str], token: str = "") -> HttpEvent:
    return {
        "routeKey": f"POST {path}",
        "rawPath": path,
        "pathParameters": {"token": token} if token else {},
        "headers": headers,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def sentiance(catalog: Catalog) -> tuple[Flow, None]:
    """Files of a day."""
    flow, shelf = Flow(GatedWorld(catalog), {}), simulated_offloads.shelf()
    truth = {}
    for name in OFFLOADS:
        facts, body = simulated_offloads.taken(shelf, name)
        truth[f"sentiance_{name}"] = facts.rows
        layout = simulated_offloads.edition(shelf, name).layout
        key = RawKey("sentiance", name, simulated_offloads.DAY, name, layout.format)
        flow.deliveries.append(lambda key=key, body=body: _put(flow, key, body))  # type: ignore[misc]
    flow.truth = truth
    return flow, None


def _put(flow: Flow, key: RawKey, body: bytes) -> None:
    flow.world.put(key, body)


def of_move(catalog: Catalog) -> tuple[Flow, Door]:
    """Both notifiers' deliveries of a day, and the API that has the details."""
    simulator = simulated_move.Simulator(users=PEOPLE)
    simulator.notify(**simulated_move.HOOKS, batch=2, types=DRIVES)
    truth = simulator.truth(**{"from": simulated_move.DAY, "to": simulated_move.DAY})
    tables = {f"move_{name}": count for name, count in truth["tables"].items()}
    told = truth["notified"] + truth["notifications"]
    flow = Flow(GatedWorld(catalog), {**tables, "move_notifications": told})
    door = Door(flow, "move", dict(MOVE))
    for one in simulator.received:
        given = event(f"/webhooks/move{one.url.path}", one.content, dict(one.headers))
        flow.deliveries.append(lambda given=given: door.take(given))  # type: ignore[misc]
    client = httpx.Client(transport=simulator.http._transport)
    fields = {name: SecretStr(text) for name, text in MOVE.items()}
    api = move.connect(fields, base_url=simulated_move.BASE, client=client)
    flow.details = lambda key: _enrich(flow, MoveDetails(api, most=100), key)
    return flow, door


def _enrich(flow: Flow, source: MoveDetails, key: RawKey) -> None:
    world = flow.world
    if key.dataset in PROVIDERS[key.provider].enriched:
        enrichment = Enrichment(
            provider=key.provider,
            dataset="timeline_items",
            source=source,
            zone=world.s3.zone,
            ledger=world.ledger,
            bus=FakeBus().bus,
            gate=world.users.gate(),
            now=lambda: world.now,
        )
        enrichment.take(key, last_round=False)


def of_dashcam(catalog: Catalog) -> tuple[Flow, Door]:
    """A day of events, asked for, and messages of our webhook."""
    lake = Lake()
    flow = Flow(GatedWorld(catalog), {})
    lake.raw, lake.ledger = flow.world.s3, flow.world.ledger
    flow.asked_for = lambda: _synced(lake)
    door = Door(flow, "dashcam", dict(DASHCAM))
    simulator = lake.simulator
    simulator.control("webhook", url=simulated_move.BASE)
    simulator.control("crash", driver="driver-0002")
    simulator.now += 3_600
    simulator.delivered()
    path = f"/webhooks/dashcam/{DASHCAM['webhook_secret']}"
    for one in simulator.received:
        given = event(path, json.dumps(one).encode(), {}, DASHCAM["webhook_secret"])
        flow.deliveries.append(lambda given=given: door.take(given))  # type: ignore[misc]
    events = sum(simulator.truth(**SYNCED)["events"].values())
    messages = len({one["messageId"] for one in simulator.received})
    flow.truth = {"dashcam_event_details": events, "dashcam_webhook_messages": messages}
    return flow, door


def _synced(lake: Lake) -> None:
    lake.run(cast(Any, SYNCED))


def of_zendrive(catalog: Catalog) -> tuple[Flow, Door]:
    """Notifications of trips, and an answer about a collision at an address made for it."""
    simulator = simulated_zendrive.Simulator()
    run = simulator.notify(items=6, types=["TRIP_SCORED"])
    notified = len(simulator.received)
    simulator.control("crash", driver="driver-0001", at=simulated_zendrive.NOON - 3_600)
    simulator.answered(1, "2023-06-20")
    tables = simulator.look("truth")["tables"]
    truth = {f"zendrive_{name}": tables[name] for name in ("collisions", "motion")}
    told = sum(run["notifications"].values())
    flow = Flow(GatedWorld(catalog), {**truth, "zendrive_notifications": told})
    door = Door(flow, "zendrive", dict(ZENDRIVE))
    for one in simulator.received[:notified]:
        given = event("/webhooks/zendrive/notifications", one.content, dict(one.headers))
        flow.deliveries.append(lambda given=given: door.take(given))  # type: ignore[misc]
    until = flow.world.now + timedelta(hours=1)
    day = date(2023, 6, 20)
    token, _ = door.capabilities.mint("collision-0123456789abcdef01234567", day=day, until=until)
    answer = simulator.received[-1].content
    called = event(f"/webhooks/zendrive/collisions/{token}", answer, {}, token)
    flow.deliveries.append(lambda: door.take(called))
    return flow, door


MAKERS: Mapping[str, Callable[[Catalog], tuple[Flow, Door | None]]] = {
    "sentiance": sentiance,
    "move": of_move,
    "dashcam": of_dashcam,
    "zendrive": of_zendrive,
}
