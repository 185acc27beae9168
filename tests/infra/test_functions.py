"""Every function has what a function needs, and nobody had to remember it."""

import importlib
from pathlib import Path

from infra.synthesis import ROOT
from tests.infra.template import Template, flat, referred

CLIP_VERBS = {"begin_clip", "poll_clip", "store_clip", "finish_clip"}
VERBS = CLIP_VERBS | {
    "account_offloads",
    "convert",
    "enrich",
    "fetch_offload",
    "label_trip",
    "migrate_lake",
    "plan_offloads",
    "plan_reconciliation",
    "receive_webhook",
    "request_clip",
    "resume_task",
    "show_clip",
    "sync_events",
}
WITH_LAKE = {"convert", "migrate_lake", "plan_reconciliation"}
EVERY = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "LOG_LEVEL"}
KEYS = {"PROVIDER", "SECRET_ARN"}
REACHED = KEYS | {"PROVIDER_BASE_URL"}
MEDIA = {"MEDIA_BUCKET", "MEDIA_HOSTS", "MEDIA_INSECURE"}
WAITS = {"CLIP_FIRST_WAIT_SECONDS", "CLIP_LONGEST_WAIT_SECONDS"}
CLIP = REACHED | MEDIA | WAITS | {"TASKS_TABLE", "RAW_BUCKET", "BUS_NAME"}
VARIABLES = {
    "plan_offloads": EVERY | REACHED | {"LEDGER_TABLE"},
    "fetch_offload": EVERY | REACHED | {"LEDGER_TABLE", "RAW_BUCKET", "BUS_NAME"},
    "account_offloads": EVERY | {"PROVIDER", "LEDGER_TABLE", "BUS_NAME"},
    "convert": EVERY | {"RAW_BUCKET", "LAKE_BUCKET", "LEDGER_TABLE", "DATABASE", "QUEUE_URL"},
    "migrate_lake": EVERY | {"LAKE_BUCKET", "DATABASE"},
    "receive_webhook": EVERY | KEYS | {"RAW_BUCKET"},
    "enrich": EVERY
    | REACHED
    | {"RAW_BUCKET", "LEDGER_TABLE", "QUEUE_URL", "BUS_NAME", "ROUNDS", "FIRST_WAIT_SECONDS"},
    "plan_reconciliation": EVERY
    | {"PROVIDER", "LAKE_BUCKET", "DATABASE", "LEDGER_TABLE", "QUEUE_URL"},
    "label_trip": EVERY | REACHED | {"RAW_BUCKET"},
    "sync_events": EVERY | REACHED | MEDIA | {"RAW_BUCKET", "LEDGER_TABLE"},
    **dict.fromkeys(CLIP_VERBS, EVERY | CLIP),
    "resume_task": EVERY | WAITS | {"PROVIDER", "RAW_BUCKET", "TASKS_TABLE"},
    "request_clip": EVERY | {"PROVIDER", "TASKS_TABLE", "BUS_NAME"},
    "show_clip": EVERY | {"PROVIDER", "TASKS_TABLE"},
}


def verbs(template: Template) -> dict[str, str]:
    """Logical id -> the module of `functions/` that is called."""
    return {
        id: function["Handler"].removesuffix(".handler")
        for id, function in template.functions.items()
    }


def test_every_verb_is_deployed_where_a_provider_needs_it(acme: Template) -> None:
    assert set(verbs(acme).values()) == VERBS
    modules = {path.stem for path in (ROOT / "functions").glob("[a-z]*.py")}
    assert modules == VERBS


def test_every_handler_exists(template: Template) -> None:
    for verb in verbs(template).values():
        assert callable(importlib.import_module(f"functions.{verb}").handler)


def test_every_function_runs_on_python_3_13_for_arm(template: Template) -> None:
    for function in template.functions.values():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]


def test_every_function_is_traced(template: Template) -> None:
    for function in template.functions.values():
        assert function["TracingConfig"] == {"Mode": "Active"}


def test_every_function_has_a_log_of_its_own_that_expires(template: Template) -> None:
    logs = [
        referred(function["LoggingConfig"]["LogGroup"]) for function in template.functions.values()
    ]
    assert len(set(logs)) == len(template.functions)
    assert all(log["RetentionInDays"] for log in template.of_type("AWS::Logs::LogGroup").values())
    assert set(logs) <= set(template.of_type("AWS::Logs::LogGroup"))


def test_what_every_function_fails_at_in_the_background_is_a_dead_letter(
    template: Template,
) -> None:
    for function in template.functions.values():
        assert referred(function["DeadLetterConfig"]["TargetArn"]) in template.queues


def test_every_function_has_a_role_of_its_own(template: Template) -> None:
    roles = [referred(function["Role"]) for function in template.functions.values()]
    assert len(set(roles)) == len(roles)


def test_every_function_gets_the_settings_it_asks_for(template: Template) -> None:
    for id, verb in verbs(template).items():
        variables = template.functions[id]["Environment"]["Variables"]
        assert set(variables) == VARIABLES[verb], verb
        assert variables["POWERTOOLS_SERVICE_NAME"] == verb


def test_no_function_gets_a_secret_in_its_environment(template: Template) -> None:
    secrets = set(template.of_type("AWS::SecretsManager::Secret"))
    for function in template.functions.values():
        variables = function["Environment"]["Variables"]
        about_secrets = {
            name
            for name, value in variables.items()
            if any(f"<{secret}" in flat(value) for secret in secrets)
        }
        assert about_secrets <= {"SECRET_ARN"}


def test_on_aws_functions_get_third_party_packages_as_layers(aws: Template) -> None:
    for id, verb in verbs(aws).items():
        attached = sorted(referred(layer) for layer in aws.functions[id]["Layers"])
        expected = ["LayersRuntime", "LayersTelematics"]
        if verb in WITH_LAKE:
            expected = ["LayersLake", *expected]
        assert [layer[:-8] for layer in attached] == expected


def test_in_the_sandbox_only_our_own_package_is_a_layer(sandbox: Template) -> None:
    [layer] = sandbox.of_type("AWS::Lambda::LayerVersion")
    for function in sandbox.functions.values():
        assert function["Layers"] == [{"Ref": layer}]


def test_assets_hold_sources_and_nothing_else(assemblies: Path) -> None:
    for stage in ("aws", "sandbox"):
        files = [path for path in assemblies.glob(f"{stage}/asset.*/**/*") if path.is_file()]
        assert {path.suffix for path in files} <= {".py", ".typed", ".txt"}
        assert any(path.name == "catalog.py" for path in files)
        folders = {part for path in files for part in path.parts}
        assert not [name for name in folders if name.endswith((".egg-info", "__pycache__"))]
