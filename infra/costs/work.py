"""What there is to do in a month, step by step: calls, seconds, requests and bytes.

Seconds of the processor are those measured, `SLOWER` times; waiting for AWS and for providers
comes on top, since Lambda is paid for by the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil

from infra.costs.measured import Measured
from infra.costs.use import DAYS, SECONDS, Use
from telematics.catalog import PROVIDERS

CORE_MB = 1_769  # of memory, with which a function has a whole core
SLOWER = 1.5
S3_SECONDS, GLUE_SECONDS = 0.02, 0.03
ITEMS_PER_TRIP = 2  # the trip, and the rest after it
NOTIFIED_ITEMS, NOTIFIED_SECONDS = 1_000, 5  # a webhook is sent after so many of either
ITEMS_A_QUESTION, POINTS_AT_ONCE = 100, 8
OBJECT_BYTES = 4 << 20  # of answers, before they are packed, that are kept as one object
MERGED_ROWS, MERGED_OBJECTS, MERGERS = 100_000, 100, 2
PEOPLE_A_MESSAGE, NIGHTS_LISTED, LEDGER_WRITES = 50, 4, 2
DOWNLOAD_BYTES, PART_BYTES = 40e6, 8 << 20  # a second; of one part of an upload
TENDED_FILE_BYTES = 128e6
TRANSITIONS_OF_A_FILE, TRANSITIONS_OF_A_DAY, TRANSITIONS_OF_A_CLAIM = 3, 15, 30
CALLS_OF_A_CLAIM, SECONDS_OF_SUCH_A_CALL = 12, 1.0
CLIP_BYTES = 20e6
LOG_BYTES = 1_500  # of a call: when it began and ended, one line, its metrics


@dataclass(frozen=True)
class Step:
    """One function's month. `asked` counts requests by what they are paid as."""

    name: str
    memory_mb: int
    calls: float = 0.0
    processor_seconds: float = 0.0
    waited_seconds: float = 0.0
    asked: Mapping[str, float] = field(default_factory=dict)

    @property
    def gigabyte_seconds(self) -> float:
        """A smaller function has a smaller share of a core."""
        share = min(1.0, self.memory_mb / CORE_MB)
        seconds = self.processor_seconds * SLOWER / share + self.waited_seconds
        return seconds * self.memory_mb / 1024


@dataclass(frozen=True)
class Work:
    """`merging_waits_seconds` is for how long objects that come in numbers are gathered."""

    use: Use
    measured: Measured
    merging_waits_seconds: float

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return (
            self._receive(),
            self._enrich(),
            self._merge(),
            self._reconcile(),
            self._fetch(),
            self._convert(),
            self._claims(),
            self._tend(),
        )

    def asked(self, name: str) -> float:
        return sum(one.asked.get(name, 0.0) for one in self.steps)

    @property
    def webhooks(self) -> float:
        """Few items come alone; many together."""
        often = min(self.items, SECONDS / NOTIFIED_SECONDS)
        return max(often, self.items / NOTIFIED_ITEMS)

    @property
    def items(self) -> float:
        return self.use.notified_trips * ITEMS_PER_TRIP

    @property
    def points(self) -> float:
        """Of trips that are notified."""
        return self.use.notified_trips * self.use.points_per_trip

    @property
    def answered_objects(self) -> float:
        return max(self.webhooks, self._sum("enriched", "plain_bytes") / OBJECT_BYTES)

    @property
    def numerous_objects(self) -> float:
        return self.webhooks + self.answered_objects

    @property
    def merges(self) -> float:
        """Batches: one for each wait of each who merges, unless there is less or more to do."""
        waits = SECONDS / max(1.0, self.merging_waits_seconds) * MERGERS
        full = self.numerous_objects / MERGED_OBJECTS + (self.items + self.points) / MERGED_ROWS
        return max(min(self.numerous_objects, waits), full)

    @property
    def files(self) -> float:
        """Of offloads. A provider has as many on a day on which nobody drives as on any other."""
        once = self.measured.of("offload_day", "files")
        return DAYS * once if self.use.filed_trips else 0.0

    @property
    def raw_bytes(self) -> float:
        received = self.items * self.measured.of("received_item", "bytes")
        answers = self.use.claims_per_month * self.measured.of("callback", "bytes")
        return received + self._sum("enriched", "bytes") + self.filed_bytes + answers

    @property
    def lake_bytes(self) -> float:
        """As tended: what a merge writes once, in small files, does not stay."""
        merged = self.items * self.measured.of("merged_item", "lake_bytes")
        merged += self.points * self.measured.of("merged_point", "lake_bytes")
        return merged + self._filed("lake_bytes")

    @property
    def media_bytes(self) -> float:
        return self.use.claims_per_month * CLIP_BYTES

    @property
    def filed_bytes(self) -> float:
        return self.use.filed_trips * self._filed_trip_bytes

    @property
    def transitions(self) -> float:
        days = DAYS * TRANSITIONS_OF_A_DAY if self.files else 0
        claims = self.use.claims_per_month * TRANSITIONS_OF_A_CLAIM
        return self.files * TRANSITIONS_OF_A_FILE + days + claims

    @property
    def ledger_rows(self) -> float:
        return self.numerous_objects + self.files + self.use.claims_per_month

    @property
    def _filed_trip_bytes(self) -> float:
        """A file's size grows with the points of its trips."""
        whole = self.measured.of("offload_trip", "raw_bytes")
        ways = self.measured.of("offload_trip", "raw_bytes_of_points")
        points = self.measured.of("offload_trip", "points")
        return whole - ways + ways * self.use.points_per_trip / points

    def _filed(self, name: str) -> float:
        """What each trip in a file takes, more where it has more points than it was measured of."""
        longer = self._filed_trip_bytes / self.measured.of("offload_trip", "raw_bytes")
        return self.use.filed_trips * self.measured.of("offload_trip", name) * longer

    def _sum(self, step: str, name: str) -> float:
        """Of all webhooks, their items and their points, but what there is once in a merge."""
        once = 0.0 if step == "merged" else self.webhooks * self.measured.of(step, name)
        each = self.items * self.measured.of(f"{step}_item", name)
        return once + each + self.points * self.measured.of(f"{step}_point", name)

    def _receive(self) -> Step:
        return Step(
            "receive_webhook",
            1024,
            calls=self.webhooks,
            processor_seconds=self._sum("received", "seconds"),
            waited_seconds=self.webhooks * S3_SECONDS,
            asked={"s3_puts": self.webhooks, "events": self.webhooks},
        )

    def _enrich(self) -> Step:
        questions = max(self.webhooks, self.items / ITEMS_A_QUESTION)
        asked = questions + self.use.notified_trips / POINTS_AT_ONCE
        writes = self._sum("enriched", "dynamodb_writes")
        return Step(
            "enrich",
            1024,
            calls=self.webhooks,
            processor_seconds=self._sum("enriched", "seconds"),
            waited_seconds=asked * self.use.provider_seconds + 3 * self.webhooks * S3_SECONDS,
            asked={
                "s3_puts": self.answered_objects,
                "s3_gets": self.webhooks * self.measured.of("enriched", "s3_gets"),
                "events": self.answered_objects + self.webhooks,
                "sqs": 3 * self.webhooks,
                "dynamodb_reads": self.webhooks,
                "dynamodb_writes": writes,
            },
        )

    def _merge(self) -> Step:
        puts, gets, glue = (
            self.merges * self.measured.of("merged", name)
            for name in ("s3_puts", "s3_gets", "glue_requests")
        )
        once = self.merges * self.measured.of("merged", "seconds")
        received_and_deleted = 2 * max(self.merges, self.numerous_objects / 10)
        return Step(
            "convert (merge)",
            CORE_MB,
            calls=self.merges,
            processor_seconds=once + self._sum("merged", "seconds"),
            waited_seconds=(puts + gets) * S3_SECONDS + glue * GLUE_SECONDS,
            asked={
                "s3_puts": puts,
                "s3_gets": gets + 2 * self.numerous_objects,
                "glue": glue,
                "sqs": self.numerous_objects + received_and_deleted,
                "dynamodb_writes": self.numerous_objects * LEDGER_WRITES,
            },
        )

    def _reconcile(self) -> Step:
        """Each night, of everybody whose trips are notified, what the provider has of some days."""
        people = self.use.users * self.use.notified * DAYS if self.items else 0.0
        listed = people * self.use.trips_per_user_day * ITEMS_PER_TRIP * NIGHTS_LISTED
        messages = people / PEOPLE_A_MESSAGE
        return Step(
            "enrich (reconcile)",
            1024,
            calls=messages,
            processor_seconds=listed * self.measured.of("enriched_item", "seconds"),
            waited_seconds=people / POINTS_AT_ONCE * self.use.provider_seconds,
            asked={"sqs": 6 * messages, "dynamodb_writes": messages},
        )

    def _fetch(self) -> Step:
        parts = self.filed_bytes / PART_BYTES + self.files
        return Step(
            "fetch_offload",
            512,
            calls=self.files,
            processor_seconds=0.0,
            waited_seconds=self.filed_bytes / DOWNLOAD_BYTES + self.files,
            asked={"s3_puts": parts, "events": 2 * self.files, "dynamodb_writes": 3 * self.files},
        )

    def _convert(self) -> Step:
        days = self.files / max(1.0, self.measured.of("offload_day", "files"))
        puts, gets, glue, writes = (
            days * self.measured.of("offload_day", name)
            for name in ("s3_puts", "s3_gets", "glue_requests", "dynamodb_writes")
        )
        return Step(
            "convert (files)",
            CORE_MB,
            calls=self.files,
            processor_seconds=days * self.measured.of("offload_day", "seconds")
            + self._filed("seconds"),
            waited_seconds=(puts + gets) * S3_SECONDS + glue * GLUE_SECONDS,
            asked={
                "s3_puts": puts,
                "s3_gets": gets,
                "glue": glue,
                "sqs": 3 * self.files,
                "dynamodb_writes": writes,
            },
        )

    def _claims(self) -> Step:
        """A collision's details and a clip each: the machines' calls, and a merge of the answer."""
        claims = self.use.claims_per_month
        puts, gets, glue = (
            claims * 2 * self.measured.of("merged", name)
            for name in ("s3_puts", "s3_gets", "glue_requests")
        )
        return Step(
            "claims",
            512,
            calls=claims * CALLS_OF_A_CLAIM,
            processor_seconds=claims * self.measured.of("callback", "seconds"),
            waited_seconds=claims * CALLS_OF_A_CLAIM * SECONDS_OF_SUCH_A_CALL,
            asked={
                "s3_puts": puts + claims * 4,
                "s3_gets": gets,
                "glue": glue,
                "sqs": claims * 6,
                "events": claims * 8,
                "http_calls": claims * 3,
                "dynamodb_writes": claims * 20,
            },
        )

    def _tend(self) -> Step:
        """Each day of a table once, and again what is late."""
        of_tables = sum(len(one.datasets) for one in PROVIDERS.values()) * DAYS
        tables = of_tables if self.use.users else 0
        small = self.merges * self.measured.of("merged", "s3_puts") / 4  # one in four is of data
        written = ceil(self.lake_bytes / TENDED_FILE_BYTES) + 4 * tables
        seconds = self.lake_bytes / 1e6 * self.measured.of("tending", "seconds_per_megabyte")
        return Step(
            "tend_lake",
            CORE_MB,
            calls=2 * tables,
            processor_seconds=seconds,
            waited_seconds=(small + written) * S3_SECONDS,
            asked={"s3_puts": written, "s3_gets": 3 * small, "glue": 3 * tables},
        )
