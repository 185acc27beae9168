"""How long the oldest message of a queue has waited: only CloudWatch knows."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from telematics.attention.problem import Kind, Problem

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

METRIC = "ApproximateAgeOfOldestMessage"
OLD = timedelta(hours=2)  # longer than any load, and than it takes to ask again a few times
LOOKED_AT = timedelta(minutes=15)
PERIOD_SECONDS = 300


def oldest(
    client: "CloudWatchClient", queues: Mapping[str, str], *, now: datetime
) -> dict[str, timedelta]:
    """`queues` are URLs by name; a queue that CloudWatch knows nothing of is left out."""
    found = {}
    for name, url in queues.items():
        told = client.get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName=METRIC,
            Dimensions=[{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
            StartTime=now - LOOKED_AT,
            EndTime=now,
            Period=PERIOD_SECONDS,
            Statistics=["Maximum"],
        )["Datapoints"]
        if told:
            newest = max(told, key=lambda one: one["Timestamp"])
            found[name] = timedelta(seconds=newest["Maximum"])
    return found


def old(ages: Mapping[str, timedelta], *, now: datetime) -> Iterator[Problem]:
    for name, age in ages.items():
        if age >= OLD:
            yield Problem(
                Kind.OLD_MESSAGES,
                name,
                f"{name}: its oldest message has waited for {age.total_seconds() / 3600:.1f} hours",
                f"telematics redrive {name} --dry-run",
                now - age + OLD,
            )
