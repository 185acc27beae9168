"""Claims: people who may be asked about, requests at the private API, and the news that come."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from infra.cli.desk import Desk, Later
from infra.cli.exits import CommandError
from telematics import identities
from telematics.capabilities import Capabilities
from telematics.collisions.wishes import wish
from telematics.tasks import Tasks
from telematics.users.directory import Directory
from tests.integration.insurer import Insurer

AT_ONCE = 4
LOOK_EVERY_SECONDS, PATIENCE_SECONDS = 0.5, 300
OPEN = ("requested", "asked")
RULE, QUEUE = "claims-news", "claims-news"
NEWS = ["Collision Received", "Collision Unanswered"]

Told = Mapping[str, Any]  # JSON of the API


@dataclass(frozen=True)
class Claims:
    """Who asks is a system: a process for each of many would be slow."""

    insurer: Insurer

    @cached_property
    def directory(self) -> Directory:
        stack = self.insurer.stack
        secrets = stack.session.client("secretsmanager", endpoint_url=stack.endpoint)
        database = stack.session.resource("dynamodb", endpoint_url=stack.endpoint)
        table = database.Table(stack.outputs["UsersTable"])
        return Directory(table, identities.read(secrets, stack.outputs["IdentityKey"]))

    @cached_property
    def capabilities(self) -> Capabilities:
        return Capabilities(Tasks(self.insurer.stack.tasks))

    def add(self, user_id: str, driver: str) -> None:
        """Linked to a driver of the simulator's."""
        links = {"zendrive": self.insurer.zendrive.driver(driver)}
        self.directory.add(user_id, links, now=datetime.now(UTC))

    def request(self, user_id: str, date: str, claim: str, **more: object) -> Told:
        body = {"user_id": user_id, "date": date, "claim": claim, **more}
        return self._patiently("POST", "v1", "collisions", body=body)

    def _patiently(self, *call: str, **more: Any) -> Told:
        """Of very many at once some are told to come again."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return Desk(self.insurer.stack).call(*call, **more)
            except Later:
                if time.monotonic() > until:
                    raise
                time.sleep(LOOK_EVERY_SECONDS)

    def ask(self, wanted: Sequence[tuple[str, str, str]]) -> list[Told]:
        """Whom, around which day, and for which claim; all at once."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda one: self.request(*one), wanted))

    def put_on_bus(self, user_id: str, date: str, claim: str) -> Told:
        """As another system asks; returns once it is claimed."""
        detail = {"provider": "zendrive", "user_id": user_id, "date": date, "claim": claim}
        stack = self.insurer.stack
        stack.session.client("events", endpoint_url=stack.endpoint).put_events(
            Entries=[
                {
                    "EventBusName": stack.outputs["BusName"],
                    "Source": "claims.insurer",
                    "DetailType": "Collision Requested",
                    "Detail": json.dumps(detail),
                }
            ]
        )
        told = {**detail, "requester": "a test"}
        wanted = wish(told, provider="zendrive", now=datetime.now(UTC)).collision_id
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                return self.shown(wanted)
            except CommandError:
                time.sleep(LOOK_EVERY_SECONDS)
        raise TimeoutError(wanted)

    def shown(self, collision_id: str) -> Told:
        return self._patiently("GET", "v1", "collisions", collision_id)

    def ended(self, asked: Sequence[Told], *, within_seconds: float) -> list[Told]:
        """As each is then; what is still open is left as it is."""
        until = time.monotonic() + within_seconds
        found: dict[str, Told] = {}
        while time.monotonic() < until and len(found) < len(asked):
            for one in asked:
                if one["collision_id"] not in found:
                    told = self.shown(one["collision_id"])
                    if told["state"] not in OPEN:
                        found[one["collision_id"]] = told
            time.sleep(LOOK_EVERY_SECONDS)
        return [found.get(one["collision_id"], one) for one in asked]

    def token(self, *, expires_in: timedelta = timedelta(hours=1)) -> str:
        """As a machine hands them out, for a request that there is not."""
        now = datetime.now(UTC)
        made, _ = self.capabilities.mint(
            "collision-0123456789abcdef01234567", day=now.date(), until=now + expires_in
        )
        return made

    @contextmanager
    def listening(self) -> Iterator["News"]:
        """From now on, news of collisions are counted."""
        stack = self.insurer.stack
        events = stack.session.client("events", endpoint_url=stack.endpoint)
        url = stack.queues.create_queue(QueueName=QUEUE)["QueueUrl"]
        where = stack.queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        bus = stack.outputs["BusName"]
        events.put_rule(Name=RULE, EventBusName=bus, EventPattern=json.dumps({"detail-type": NEWS}))
        arn = where["Attributes"]["QueueArn"]
        events.put_targets(Rule=RULE, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        try:
            yield News(self.insurer, url)
        finally:
            events.remove_targets(Rule=RULE, EventBusName=bus, Ids=["queue"])
            events.delete_rule(Name=RULE, EventBusName=bus)
            stack.queues.delete_queue(QueueUrl=url)


@dataclass(frozen=True)
class News:
    """What was told on the bus of collisions."""

    insurer: Insurer
    url: str

    def heard(self) -> Counter[tuple[str, str, str]]:
        """How often of each request: its id, the name and the state. What is read is gone."""
        counted = Counter[tuple[str, str, str]]()
        queues = self.insurer.stack.queues
        while messages := queues.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        ).get("Messages"):
            for one in messages:
                event = json.loads(one["Body"])
                detail = event["detail"]
                counted[detail["collision_id"], event["detail-type"], detail["state"]] += 1
                queues.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
        return counted
