"""From raw to tables to questions."""

from dataclasses import replace

import pytest

from infra.cli import ready, views
from infra.lake import digest
from telematics.datasets import Dataset, text
from telematics.intake import LEASE
from telematics.queues import wait_seconds
from tests.infra.template import Properties, Template, flat, referred

LOADINGS = pytest.mark.parametrize("loading", ["Convert", "Merge"])


def work_queue(template: Template, loading: str) -> Properties:
    [queue] = (
        queue
        for id, queue in template.queues.items()
        if id.startswith(f"{loading}Queue") and "RedrivePolicy" in queue
    )
    return queue


def mapping_of(template: Template, loading: str) -> Properties:
    return template.named(f"{loading}{loading}Objects", "AWS::Lambda::EventSourceMapping")


@LOADINGS
def test_an_object_in_raw_becomes_a_message_for_who_loads_it(
    template: Template, loading: str
) -> None:
    rule = template.named(f"{loading}ObjectCreated", "AWS::Events::Rule")
    assert "EventBusName" not in rule  # the account's own bus, on which S3 tells
    pattern = rule["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
    assert pattern["detail"]["bucket"] == {"name": [{"Ref": "Raw"}]}
    [target] = rule["Targets"]
    assert target["Arn"] == mapping_of(template, loading)["EventSourceArn"]


def test_every_provider_s_objects_are_loaded_by_one_of_them(template: Template) -> None:
    prefixes = [
        key["prefix"]
        for loading in ("Convert", "Merge")
        for key in template.named(f"{loading}ObjectCreated", "AWS::Events::Rule")["EventPattern"][
            "detail"
        ]["object"]["key"]
    ]
    assert sorted(prefixes) == sorted(f"{provider}/" for provider in template.providers)


@pytest.mark.parametrize(("loading", "objects", "calls"), [("Convert", 5, 5), ("Merge", 100, 2)])
def test_loading_answers_for_each_message_and_is_not_called_too_often_at_once(
    template: Template, loading: str, objects: int, calls: int
) -> None:
    mapping = mapping_of(template, loading)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": calls}
    assert mapping["BatchSize"] == objects
    assert (objects <= 10) or mapping["MaximumBatchingWindowInSeconds"] > 0
    assert template.functions[referred(mapping["FunctionName"])]["Handler"] == "convert.handler"


@LOADINGS
def test_messages_come_back_only_after_every_lease_has_ended(
    template: Template, loading: str
) -> None:
    function = template.functions[referred(mapping_of(template, loading)["FunctionName"])]
    queue = work_queue(template, loading)
    assert queue["VisibilityTimeout"] >= function["Timeout"] + LEASE.total_seconds()


@LOADINGS
def test_a_message_is_tried_until_somebody_elses_load_must_have_ended(
    aws: Template, loading: str
) -> None:
    queue = work_queue(aws, loading)
    attempts = queue["RedrivePolicy"]["maxReceiveCount"]
    assert sum(wait_seconds(time) for time in range(1, attempts)) > LEASE.total_seconds()


def test_the_tables_are_made_again_when_a_declared_dataset_changes(template: Template) -> None:
    declared = digest(template.providers.values())
    assert template.one("Custom::LakeTables")["Datasets"] == declared
    more = [
        replace(one, datasets=(*one.datasets, Dataset("new", (text("a"),))))
        for one in template.providers.values()
    ]
    assert digest(more) != declared


def test_the_tables_are_made_by_migrate_lake_after_the_database(template: Template) -> None:
    [tables] = (one for one in template.resources.values() if one["Type"] == "Custom::LakeTables")
    migrate = referred(tables["Properties"]["ServiceToken"])
    assert template.functions[migrate]["Handler"] == "migrate_lake.handler"
    [database] = template.of_type("AWS::Glue::Database")
    assert database in tables["DependsOn"]


def test_a_migration_that_never_answers_fails_the_deployment_soon(template: Template) -> None:
    seconds = int(template.one("Custom::LakeTables")["ServiceTimeout"])
    assert seconds <= 300


def test_nobody_asks_outside_of_what_the_workgroup_enforces(template: Template) -> None:
    configuration = template.one("AWS::Athena::WorkGroup")["WorkGroupConfiguration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] > 0
    results = configuration["ResultConfiguration"]
    assert flat(results["OutputLocation"]) == "s3://<Results>/answers/"
    assert results["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}


def test_every_ready_query_is_saved_on_aws_under_its_name(aws: Template, sandbox: Template) -> None:
    saved = {one["Name"]: one for one in aws.of_type("AWS::Athena::NamedQuery").values()}
    assert saved.keys() == ready.queries().keys()
    for name, query in ready.queries().items():
        assert saved[name]["QueryString"] == query.saved
        assert saved[name]["Description"].startswith(query.description)
        assert saved[name]["Database"] == "telematics"
    assert not sandbox.of_type("AWS::Athena::NamedQuery")


def test_the_views_are_made_on_aws_from_their_files_after_the_tables(
    aws: Template, sandbox: Template
) -> None:
    [(id, defined)] = (
        (id, one) for id, one in aws.resources.items() if one["Type"] == "Custom::LakeViews"
    )
    told = defined["Properties"]
    assert [(one["Name"], one["Sql"]) for one in told["Views"]] == [
        (view.name, view.sql) for view in views.views().values()
    ]
    assert aws.functions[referred(told["ServiceToken"])]["Handler"] == "define_views.handler"
    [tables] = aws.of_type("Custom::LakeTables")
    [workgroup] = aws.of_type("AWS::Athena::WorkGroup")
    assert {tables, workgroup} <= set(defined["DependsOn"])
    assert told["Tables"] == aws.one("Custom::LakeTables")["Datasets"]
    assert id
    assert not sandbox.of_type("Custom::LakeViews")
