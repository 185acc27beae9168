"""Whether what nobody may read stands in a log, a history, an event on the bus or a metric.

Sought are all secrets that the stack holds, everybody whom the stack or a simulator knows, and all
coordinates in raw; and whatever looks like a signature, a signed link or a token. What is found is
told by its kind and place, and never shown.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx
from ahocorasick_rs import AhoCorasick, MatchKind

from tests.integration.insurer import Insurer
from tests.sandbox.simulators.people import Population

SHORTEST = 6  # what is shorter is found in any text
SECRET = re.compile(r"key|secret|password|token|email")
GZIP = b"\x1f\x8b"
# Of the simulated town, as exact as ten metres; a longitude alone is known by a metre, for a number
# like it may be a duration as well.
LATITUDE = re.compile(rb"(?<![\d.])(50\.[6-9]\d{3}|51\.[01]\d{3})")
LONGITUDE = re.compile(rb"(?<![\d.])([45]\.\d{5})")
PATTERNS: Mapping[str, re.Pattern[str]] = {
    "signature": re.compile(r"(?:sha256=|v1_)[A-Za-z0-9+/]{43}="),
    "signed link": re.compile(r"X-Amz-(?:Signature|Credential)|[?&]Signature="),
    "address of an answer": re.compile(r"/webhooks/zendrive/collisions/[A-Za-z0-9_-]{43}"),
    "authorization": re.compile(r"(?:Bearer|APIKEY) [A-Za-z0-9._-]{8}|\beyJ[A-Za-z0-9_-]{10}"),
}
NUMBER_BEFORE = re.compile(r"[\d.]$|\d:$")
QUEUE = RULE = "all-news"
OURS = {"source": [{"prefix": "telematics."}]}


@dataclass(frozen=True)
class Scan:
    """Of one sandbox."""

    insurer: Insurer

    def found(self) -> list[str]:
        """Each kind and place once."""
        known = self.known
        automaton = AhoCorasick(list(known), matchkind=MatchKind.LeftmostLongest)
        leaks: set[str] = set()
        for place, text in self.texts():
            found = automaton.find_matches_as_indexes(text)
            hits = {known[text[a:b]] for _, a, b in found if not is_part_of_a_number(text, a)}
            hits |= {kind for kind, pattern in PATTERNS.items() if pattern.search(text)}
            leaks |= {f"{kind} in {place}" for kind in hits}
        return sorted(leaks)

    @cached_property
    def known(self) -> Mapping[str, str]:
        """Kinds, by what is sought."""
        named = (*self._secrets(), *self._people(), *self._coordinates())
        return {text: kind for kind, text in named if len(text) >= SHORTEST}

    def texts(self) -> Iterator[tuple[str, str]]:
        yield from self._logs()
        yield from self._histories()
        yield from self._news()
        for page in self._client("cloudwatch").get_paginator("list_metrics").paginate():
            yield "metrics", json.dumps(page["Metrics"])

    def _client(self, service: str) -> Any:  # Any: whatever service it is
        stack = self.insurer.stack
        client: Any = stack.session.client(service, endpoint_url=stack.endpoint)  # type: ignore[call-overload]
        return client

    def _secrets(self) -> Iterator[tuple[str, str]]:
        client = self._client("secretsmanager")
        for page in client.get_paginator("list_secrets").paginate():
            for one in page["SecretList"]:
                for stages in one.get("SecretVersionsToStages", {}).values():
                    for stage in stages:
                        told = client.get_secret_value(SecretId=one["ARN"], VersionStage=stage)
                        yield from _parts(told.get("SecretString", ""))

    def _people(self) -> Iterator[tuple[str, str]]:
        where = self.insurer.sandbox.simulators
        about = httpx.get(f"{where['move']}/_simulator").json()
        for person in Population(about["seed"], about["users"]):
            yield "user", person.user_id
            yield "user", person.identity("sentiance")
        drivers = httpx.get(f"{where['zendrive']}/_simulator/drivers").json()
        yield from (("user", id) for id in drivers.values())
        stack = self.insurer.stack
        pages = self._client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=stack.output("UsersTable")):
            for item in page["Items"]:
                if "links" in item:
                    yield "user", item["user_id"]["S"]
                    yield from (("user", one["S"]) for one in item["links"]["M"].values())

    def _coordinates(self) -> Iterator[tuple[str, str]]:
        for body in self._bodies(self.insurer.stack.output("RawBucket")):
            for pattern in (LATITUDE, LONGITUDE):
                yield from (("coordinate", one.decode()) for one in set(pattern.findall(body)))

    def _bodies(self, bucket: str) -> Iterator[bytes]:
        client = self._client("s3")
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for one in page.get("Contents", ()):
                body = client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                is_packed = body[:2] == GZIP and not one["Key"].startswith("sentiance/")
                yield gzip.decompress(body) if is_packed else body

    def _logs(self) -> Iterator[tuple[str, str]]:
        log = self.insurer.sandbox.places.log("emulator")
        yield "the emulator's own log", log.read_text(errors="replace")
        client = self._client("logs")
        for groups in client.get_paginator("describe_log_groups").paginate():
            for group in groups["logGroups"]:
                name = group["logGroupName"]
                for page in client.get_paginator("filter_log_events").paginate(logGroupName=name):
                    yield f"log {name}", "\n".join(one["message"] for one in page["events"])

    def _histories(self) -> Iterator[tuple[str, str]]:
        client = self._client("stepfunctions")
        for machine in client.list_state_machines()["stateMachines"]:
            arn, name = machine["stateMachineArn"], machine["name"]
            for page in client.get_paginator("list_executions").paginate(stateMachineArn=arn):
                for one in page["executions"]:
                    told = client.get_execution_history(executionArn=one["executionArn"])
                    yield f"history of {name}", json.dumps([one, told["events"]], default=str)

    def _news(self) -> Iterator[tuple[str, str]]:
        client = self._client("sqs")
        url = client.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for one in messages:
                event = json.loads(one["Body"])
                yield f"event {event['detail-type']}", one["Body"]
                client.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])

    def listen(self) -> None:
        """From now on all events of ours are kept, so that they can be looked through."""
        queues, events = self._client("sqs"), self._client("events")
        url = queues.create_queue(QueueName=QUEUE)["QueueUrl"]
        told = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        target = {"Id": "queue", "Arn": told["Attributes"]["QueueArn"]}
        bus = self.insurer.stack.output("BusName")
        events.put_rule(Name=RULE, EventBusName=bus, EventPattern=json.dumps(OURS))
        events.put_targets(Rule=RULE, EventBusName=bus, Targets=[target])


def is_part_of_a_number(text: str, start: int) -> bool:
    """Or of a time of day, whose seconds may look like a latitude."""
    return (
        text[start].isdigit() and NUMBER_BEFORE.search(text[max(start - 2, 0) : start]) is not None
    )


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The fields of a secret that are secret, or all of it where it has none."""
    try:
        told = json.loads(text)
    except ValueError:
        told = text
    if isinstance(told, dict):
        named = ((name, one) for name, one in told.items() if SECRET.search(name))
        yield from (("secret", one) for _, one in named if isinstance(one, str))
    elif text:
        yield "secret", text
