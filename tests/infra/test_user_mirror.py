"""The lake sees users: told by their table's stream, for nothing while nobody changes."""

from infra.prices import idle_bill
from tests.infra.template import Properties, Template, flat, listed, referred


def mapping(template: Template) -> Properties:
    return template.named("MirrorUsers", "AWS::Lambda::EventSourceMapping")


def test_changes_of_users_reach_the_lake_within_seconds_and_none_is_left_out(
    template: Template,
) -> None:
    told = mapping(template)
    assert flat(told["EventSourceArn"]) == "<Users.StreamArn>"
    assert told["StartingPosition"] == "TRIM_HORIZON"
    assert 1 <= told["MaximumBatchingWindowInSeconds"] <= 5
    assert told["BisectBatchOnFunctionError"] is True
    assert told["MaximumRetryAttempts"] > 0
    letters = flat(told["DestinationConfig"]["OnFailure"]["Destination"])
    assert "FunctionsDeadLetters" in letters


def test_it_writes_no_other_table_of_the_lake(template: Template) -> None:
    [function] = (
        one for one in template.functions.values() if one["Handler"] == "mirror_users.handler"
    )
    granted = {
        (action, flat(resource))
        for statement in template.statements(referred(function["Role"]))
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }
    files = {on for action, on in granted if action == "s3:PutObject"}
    assert files == {"<Lake.Arn>/warehouse/telematics.db/user_links/*"}
    tables = {on for action, on in granted if action == "glue:UpdateTable" and ":table/" in on}
    assert [one.rsplit(":table/")[1] for one in tables] == ["telematics/user_links"]
    streams = {on for action, on in granted if action == "dynamodb:GetRecords"}
    assert streams == {"<Users.StreamArn>"}


def test_following_the_users_costs_nothing_while_nobody_changes(aws: Template) -> None:
    [queues] = (
        one for one in idle_bill(aws.body) if one.resource == "AWS::Lambda::EventSourceMapping"
    )
    mappings = aws.of_type("AWS::Lambda::EventSourceMapping")
    assert queues.count == len(mappings) - 1
