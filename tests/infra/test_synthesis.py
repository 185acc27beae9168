"""Both stages synthesize anywhere, and what cdk-nag finds stops them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from aws_cdk import Stack
from aws_cdk import aws_sqs as sqs

from infra.stages import stage_settings
from infra.synthesis import ROOT, application
from telematics.catalog import PROVIDERS
from tests.infra.conftest import ASSEMBLIES, offline
from tests.infra.template import Template, flat

FIXED = {
    "WatchDesk",
    "RawBucket",
    "LakeBucket",
    "MediaBucket",
    "ResultsBucket",
    "LedgerTable",
    "TasksTable",
    "UsersTable",
    "AccessLogTable",
    "IdentityKey",
    "BusName",
    "Database",
    "Workgroup",
    "QueueConvert",
    "DeadLettersConvert",
    "QueueMerge",
    "DeadLettersMerge",
    "DeadLettersFunctions",
    "DeadLettersSchedules",
    "AlarmTopic",
    "ErasureMachine",
    "TendingMachine",
    "WebhookApiId",
    "ApiId",
    "ApiUrl",
}
OF_PROVIDERS = {
    "sentiance": {"SentianceSecret", "OffloadsMachineSentiance", "OffloadDayMachineSentiance"},
    "move": {
        "MoveSecret",
        "WebhookUrlMoveTimeline",
        "WebhookUrlMoveNotifications",
        "QueueEnrichMove",
        "DeadLettersEnrichMove",
        "ReconciliationMachineMove",
    },
    "dashcam": {
        "DashcamSecret",
        "WebhookUrlDashcamMessages",
        "WebhookUrlDashcamSignedMessages",
        "SyncMachineDashcam",
        "ClipMachineDashcam",
    },
    "zendrive": {
        "ZendriveSecret",
        "WebhookUrlZendriveNotifications",
        "WebhookUrlZendriveCollisions",
        "CollisionMachineZendrive",
    },
    "acme": {
        "AcmeSecret",
        "WebhookUrlAcmeMessages",
        "WebhookUrlAcmeSignedMessages",
        "SyncMachineAcme",
        "ClipMachineAcme",
    },
}
BYTES_AT_MOST = 1_000_000
RESOURCES_AT_MOST = 500


def test_the_template_is_within_the_limits_of_cloudformation(template: Template) -> None:
    assert len(json.dumps(template.body)) < BYTES_AT_MOST
    assert len(template.resources) < RESOURCES_AT_MOST


def test_the_outputs_are_those_that_others_look_for(template: Template) -> None:
    wanted = FIXED.union(*(OF_PROVIDERS[name] for name in template.providers))
    assert set(template.body["Outputs"]) == wanted


def test_nothing_is_found_by_cdk_nag_that_nobody_acknowledged(assemblies: Path) -> None:
    for name in ASSEMBLIES:
        report = json.loads((assemblies / name / "validation-report.json").read_text())
        found = [
            (violation.get("ruleName"), violation)
            for plugin in report["pluginReports"]
            for violation in plugin["violations"]
            if violation.get("severity") != "warning"
        ]
        assert found == []


def test_a_finding_that_nobody_acknowledged_stops_synthesis(tmp_path: Path) -> None:
    app = application("sandbox", outdir=tmp_path)
    sqs.Queue(cast(Stack, app.node.find_child("telematics")), "Careless")
    with pytest.raises(RuntimeError, match="AwsSolutions-SQS4"):
        app.synth()


def test_an_unknown_stage_is_refused_with_the_names_of_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no stage 'prod': choose one of aws, sandbox"):
        stage_settings("prod")


def test_the_cdk_command_synthesizes_without_node_or_credentials(tmp_path: Path) -> None:
    """As the command calls it: the stage in the context, the folder in the environment."""
    environment = {
        "HOME": os.environ["HOME"],
        "PATH": "",
        "CDK_OUTDIR": str(tmp_path),
        "CDK_CONTEXT_JSON": json.dumps({"stage": "sandbox"}),
    }
    subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "telematics.template.json").is_file()


def test_the_application_of_cdk_json_is_the_environments_own() -> None:
    assert json.loads((ROOT / "cdk.json").read_text())["app"] == ".venv/bin/python app.py"


def test_the_same_sources_make_the_same_template(assemblies: Path, tmp_path: Path) -> None:
    with offline():
        application("sandbox", outdir=tmp_path).synth()
    name = "telematics.template.json"
    assert (tmp_path / name).read_text() == (assemblies / "sandbox" / name).read_text()


def test_a_providers_address_is_a_parameter_and_nothing_else_needs_one(template: Template) -> None:
    parameters = template.body["Parameters"]
    for provider in template.providers.values():
        assert parameters[f"{provider.id}BaseUrl"]["Default"] == provider.base_url
    assert all("Default" in parameter for parameter in parameters.values())


def test_a_provider_is_reached_by_functions_only_through_its_parameter(template: Template) -> None:
    addresses = {
        flat(function["Environment"]["Variables"]["PROVIDER_BASE_URL"])
        for function in template.functions.values()
        if "PROVIDER_BASE_URL" in function["Environment"]["Variables"]
    }
    assert addresses == {f"<{provider.id}BaseUrl>" for provider in template.providers.values()}


def test_links_to_files_lead_to_the_provider_and_to_aws_and_nowhere_unencrypted(
    acme: Template,
) -> None:
    hosts, insecure = (acme.body["Parameters"][f"AcmeMedia{one}"] for one in ("Hosts", "Insecure"))
    assert hosts["Default"] == "api.acme.example,*.amazonaws.com"
    assert insecure["Default"] == ""
    for verb in ("store_clip", "sync_events"):
        [variables] = (
            function["Environment"]["Variables"]
            for function in acme.functions.values()
            if function["Handler"] == f"{verb}.handler"
        )
        assert variables["MEDIA_HOSTS"] == {"Ref": "AcmeMediaHosts"}
        assert variables["MEDIA_INSECURE"] == {"Ref": "AcmeMediaInsecure"}


def test_no_construct_names_a_provider() -> None:
    """Neither as a word nor within an id; whoever has something removed names nobody."""
    words = "|".join(PROVIDERS)
    ids = "|".join(provider.id for provider in PROVIDERS.values())
    named = re.compile(rf"(?<![A-Za-z])({words})(?![a-z])|({ids})(?![a-z])")
    assert named.search("QueueEnrichMove")
    for path in [*(ROOT / "infra").glob("*.py"), ROOT / "app.py"]:
        assert not named.search(path.read_text()), path.name
