"""What is in raw is loaded again without anything else happening; dead letters find their way."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from infra.cli.engines import iceberg
from telematics.providers.move.webhooks import SIGNATURE
from tests.integration.claims import Claims
from tests.integration.conftest import SEED, USERS
from tests.integration.insurer import Insurer
from tests.sandbox.simulators.move import SECRET
from tests.sandbox.simulators.people import Population

DAY = "2023-06-20"
TODAY = datetime.now(UTC).date().isoformat()
DRIVER = Population(SEED, USERS).person(10)
LOADED = {  # each table, and the days of what is loaded here
    "sentiance_transports": DAY,
    "move_notifications": DAY,
    "move_timeline_items": DAY,
    "move_points": DAY,
    "dashcam_webhook_messages": TODAY,
    "zendrive_notifications": TODAY,
    "zendrive_collisions": TODAY,
    "zendrive_gps_points": TODAY,
}
DATASETS = (
    *("sentiance_transports", "move_timeline", "move_timeline_items"),
    *("zendrive_notifications", "zendrive_collision_details"),
)
LOADERS = ("ConvertObjects", "MergeObjects")
BUS_RULE = QUEUE = "everything-told"
DEAD_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class Quiet:
    """What anything but loading leaves behind: logs of other functions, executions, events."""

    insurer: Insurer

    def seen(self) -> dict[str, int]:
        aws = self.insurer.sandbox.aws
        found: dict[str, int] = {}
        for group in aws.logs.describe_log_groups()["logGroups"]:
            name = group["logGroupName"]
            if not any(loader in name for loader in LOADERS):
                pages = aws.logs.get_paginator("filter_log_events").paginate(logGroupName=name)
                found[name] = sum(len(page["events"]) for page in pages)
        for machine in aws.machines.list_state_machines()["stateMachines"]:
            arn = machine["stateMachineArn"]
            found[arn] = len(aws.machines.list_executions(stateMachineArn=arn)["executions"])
        found["asked of zendrive"] = len(self.insurer.zendrive.known()["asked"])
        found["clips of dashcams"] = len(self.insurer.dashcam.known()["tasks"])
        return found

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """To all that is told on the bus; complete once it is left."""
        aws, bus = self.insurer.sandbox.aws, self.insurer.stack.outputs["BusName"]
        url = aws.queues.create_queue(QueueName=QUEUE)["QueueUrl"]
        where = aws.queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        account = where["Attributes"]["QueueArn"].split(":")[4]
        pattern = json.dumps({"account": [account]})
        aws.events.put_rule(Name=BUS_RULE, EventBusName=bus, EventPattern=pattern)
        arn = where["Attributes"]["QueueArn"]
        aws.events.put_targets(
            Rule=BUS_RULE, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}]
        )
        told: list[str] = []
        try:
            yield told
            answer = aws.queues.receive_message(QueueUrl=url, WaitTimeSeconds=1)
            told += [one["Body"] for one in answer.get("Messages", ())]
        finally:
            aws.events.remove_targets(Rule=BUS_RULE, EventBusName=bus, Ids=["queue"])
            aws.events.delete_rule(Name=BUS_RULE, EventBusName=bus)
            aws.queues.delete_queue(QueueUrl=url)


def lived(insurer: Insurer) -> None:
    """A day with all that starts work by itself: details, impacts, answers about collisions."""
    assert insurer.fetch(DAY).code == 0
    urls = insurer.whole_status()["webhooks"]
    links = {
        "sentiance": DRIVER.identity("sentiance"),
        "move": DRIVER.user_id,
        "zendrive": insurer.zendrive.driver(DRIVER.user_id),
    }
    Claims(insurer).directory.add("replayed", links, now=datetime.now(UTC))
    insurer.zendrive.crash(DRIVER.user_id)
    day = {"from": TODAY, "to": TODAY, "driver": DRIVER.user_id}
    insurer.zendrive.notify(url=urls["zendrive/notifications"], **day)
    told = json.dumps({"device_cid": "d-2", "timestamp": int(time.time())})
    message = {"type": "Notification", "hookName": "TRIP_STARTED", "messageId": "replayed"}
    answer = httpx.post(urls["dashcam/messages"], json={**message, "message": told}, timeout=60)
    assert answer.status_code == 200
    insurer.notified(**{"from": DAY, "to": DAY}, types=["DRIVING"], batch=50)


def rows(insurer: Insurer) -> dict[str, Counter[str]]:
    """All of each table but when it was loaded."""
    catalog, database = iceberg.catalog(insurer.stack), insurer.stack.outputs["Database"]
    tables = iceberg.load_all(catalog, database, list(LOADED))
    return {
        name: Counter(
            repr({**row, "loaded_at": None})
            for row in table.scan(row_filter=f"day = '{LOADED[name]}'").to_arrow().to_pylist()
        )
        for name, table in tables.items()
    }


def replayed(insurer: Insurer, *words: str) -> dict[str, Any]:
    said = insurer.telematics("replay", *words, "--to", TODAY, "--json")
    assert said.code == 0, said.err
    return said.json  # type: ignore[no-any-return]  # it is JSON


@pytest.mark.thorough
def test_a_replay_gives_the_same_rows_and_nothing_else_happens(insurer: Insurer) -> None:
    lived(insurer)
    quiet, before = Quiet(insurer), rows(insurer)
    assert all(before.values()), before.keys()
    seen = quiet.seen()
    named = (word for name in DATASETS for word in ("--dataset", name))
    theirs = ("--user", "replayed", *named, "--from", DAY)
    with quiet.listening() as told:
        planned = replayed(insurer, *theirs, "--dry-run")
        done = replayed(insurer, *theirs, "--yes")
        replayed(insurer, "dashcam", "--from", TODAY, "--yes")
    assert {one["dataset"] for one in planned["days"]} == set(DATASETS)
    assert done["objects"] == done["sent"] == done["result"]["loaded"] == planned["objects"]
    assert (done["settled"], done["dead_letters"]) == (True, 0)
    assert rows(insurer) == before
    assert told == []
    assert quiet.seen() == seen


def notified(insurer: Insurer, id: str) -> int:
    url = insurer.whole_status()["webhooks"]["move/notifications"]
    notice = {"id": id, "productId": int(SECRET["product_id"]), "contractId": "driver-0011"}
    body = json.dumps([{**notice, "time": f"{DAY}T08:00:00Z", "type": "POI", "data": {}}]).encode()
    signature = SIGNATURE.sign(body, SECRET["notifications_secret"])
    headers = {"Content-Type": "application/json", SIGNATURE.header: signature}
    return httpx.post(url, content=body, headers=headers, timeout=60).status_code


def merged(insurer: Insurer, id: str) -> int:
    return sum(f"'{id}'" in row for row in rows(insurer)["move_notifications"])


@contextmanager
def broken(insurer: Insurer) -> Iterator[None]:
    """Whoever merges finds no ledger, and gives up after the first attempt."""
    merging, queues = insurer.function("MergeObjects"), insurer.sandbox.aws.queues
    right = merging.environment["LEDGER_TABLE"]
    url = insurer.stack.outputs["QueueMerge"]
    policy = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    once = {**json.loads(policy["Attributes"]["RedrivePolicy"]), "maxReceiveCount": 1}
    merging.change(LEDGER_TABLE="no-such-table")
    queues.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(once)})
    try:
        yield
    finally:
        queues.set_queue_attributes(QueueUrl=url, Attributes=policy["Attributes"])
        merging.change(LEDGER_TABLE=right)


@pytest.mark.thorough
@pytest.mark.fault("redrive", of=("move",))
def test_a_dead_letter_is_loaded_once_the_cause_is_mended(insurer: Insurer) -> None:
    with broken(insurer):
        assert notified(insurer, "dead-1") == 200
        until = time.monotonic() + DEAD_WITHIN_SECONDS
        while not (looked := insurer.telematics("redrive", "merge", "--dry-run", "--json")).json[
            "queues"
        ]["merge"]["dead"]:
            assert time.monotonic() < until
            time.sleep(1)
    assert looked.code == 0
    assert merged(insurer, "dead-1") == 0
    assert insurer.whole_status()["queues"]["merge"]["dead"] == 1
    said = insurer.telematics("redrive", "merge", "--json")
    assert (said.code, said.json["queues"]["merge"]["moved"]) == (0, 1), said.err
    insurer.wait_until_idle()
    assert merged(insurer, "dead-1") == 1
    assert insurer.whole_status()["queues"]["merge"]["dead"] == 0
