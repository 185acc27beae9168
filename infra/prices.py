"""What the stack costs in a month in which nothing happens: list prices, in US dollars.

The same in eu-west-1 and us-east-1, without the free tier. Storage, requests and runs come on top.
"""

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MONTHLY_USD = {
    "AWS::CloudWatch::Alarm": 0.10,
    "AWS::SecretsManager::Secret": 0.40,
    # Lambda asks an empty queue five times in 20 seconds: 657,000 requests at 0.40 a million.
    "AWS::Lambda::EventSourceMapping": 0.26,
    # A daily run that finds nothing: transitions, seconds, log lines, its metrics for an hour. An
    # hourly one costs the same if it then tells no metrics: each would be 0.30.
    "AWS::Scheduler::Schedule": 0.10,
    "AWS::KMS::Key": 1.00,
    "AWS::CloudWatch::Dashboard": 3.00,
}
# So many of an account cost nothing, for ever: of dashboards, if they show at most fifty metrics.
FREE_OF_AN_ACCOUNT = {"AWS::CloudWatch::Dashboard": 3}
FREE_WHEN_IDLE = {
    "AWS::ApiGatewayV2::Api",  # paid by the call, and by what its log holds
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::Athena::NamedQuery",
    "AWS::Athena::WorkGroup",
    "AWS::Budgets::Budget",
    "AWS::DynamoDB::Table",  # on demand; recovery is paid by the size of what is in it
    "AWS::Events::Archive",  # paid by the size of what is told
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::Glue::Database",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::StepFunctions::StateMachine",
    "Custom::LakeTables",
    "Custom::LakeViews",
}


@dataclass(frozen=True)
class Line:
    """One line of the bill; `free` of them cost nothing."""

    resource: str
    count: int
    each_usd: float
    free: int = 0

    @property
    def usd(self) -> float:
        return max(0, self.count - self.free) * self.each_usd


def idle_bill(template: Mapping[str, Any]) -> list[Line]:
    """What a synthesized template costs; a kind of resource without a price is an error."""
    counts = Counter[str]()
    for resource in template["Resources"].values():
        if not _reads_a_stream(resource):
            counts[resource["Type"]] += _weight(resource)
    unknown = counts.keys() - MONTHLY_USD.keys() - FREE_WHEN_IDLE
    if unknown:
        raise ValueError(f"say in {__name__} what these cost when idle: {', '.join(unknown)}")
    return [
        Line(kind, counts[kind], price, FREE_OF_AN_ACCOUNT.get(kind, 0))
        for kind, price in MONTHLY_USD.items()
        if counts[kind]
    ]


def _weight(resource: Mapping[str, Any]) -> int:
    """An alarm is paid for by each metric that it looks at."""
    looked_at = [
        one for one in resource.get("Properties", {}).get("Metrics", ()) if "MetricStat" in one
    ]
    return len(looked_at) or 1


def _reads_a_stream(resource: Mapping[str, Any]) -> bool:
    """Functions read a table's stream for nothing."""
    source = resource.get("Properties", {}).get("EventSourceArn", {})
    return "StreamArn" in source.get("Fn::GetAtt", [])


def main() -> None:
    """`make cost`: the bill of the template as it would be deployed to AWS."""
    from infra.cli import console
    from infra.synthesis import synthesize

    with tempfile.TemporaryDirectory() as folder:
        bill = idle_bill(synthesize("aws", Path(folder)).stacks[0].template)
    table = console.table("resource", "count>", "USD each>", "USD a month>")
    for line in bill:
        free = f" (the first {line.free} of an account are free)" if line.free else ""
        name = f"{line.resource}{free}"
        table.add_row(name, f"{line.count}", f"{line.each_usd:.2f}", f"{line.usd:.2f}")
    table.add_row("all others", "", "", "0.00")
    table.add_row("together", "", "", f"{sum(line.usd for line in bill):.2f}")
    console.out().print(table)


if __name__ == "__main__":
    main()
