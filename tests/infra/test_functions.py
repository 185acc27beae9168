"""Every function has what a function needs, and nobody had to remember it."""

import importlib
from pathlib import Path

from infra import arrow
from infra.synthesis import ROOT
from tests.infra.template import Template, flat, referred

OF_ERASURES = {
    "begin_erasure",
    "revoke_people",
    "purge_people",
    "verify_erasure",
    "finish_erasure",
}
CLIP_VERBS = {"begin_clip", "poll_clip", "store_clip", "finish_clip"}
VERBS = (
    CLIP_VERBS
    | OF_ERASURES
    | {
        "account_offloads",
        "convert",
        "define_views",
        "describe_api",
        "enrich",
        "fetch_offload",
        "label_trip",
        "look_up",
        "manage_users",
        "migrate_lake",
        "mirror_users",
        "plan_offloads",
        "plan_reconciliation",
        "answer_impact",
        "discard_event",
        "ask_collision",
        "claim_collision",
        "finish_collision",
        "notice_collision",
        "receive_webhook",
        "request_clip",
        "request_collision",
        "resume_task",
        "show_clip",
        "show_collision",
        "sync_events",
        "tend_lake",
        "watch_desk",
    }
)
OF_ATHENA = {"define_views"}  # which the emulator has in name only
WITH_LAKE = {
    *("convert", "migrate_lake", "mirror_users", "plan_reconciliation", "tend_lake"),
    *OF_ERASURES,
}
EVERY = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "LOG_LEVEL"}
KEYS = {"PROVIDER", "SECRET_ARN"}
GATE = {"USERS_TABLE", "IDENTITY_KEY_ARN", "GATE_SECONDS"}
REACHED = KEYS | {"PROVIDER_BASE_URL"}
MEDIA = {"MEDIA_BUCKET", "MEDIA_HOSTS", "MEDIA_INSECURE", "MEDIA_SEVERITY"}
WAITS = {"CLIP_FIRST_WAIT_SECONDS", "CLIP_LONGEST_WAIT_SECONDS"}
CLIP = REACHED | MEDIA | WAITS | {"TASKS_TABLE", "RAW_BUCKET", "BUS_NAME"}
FINDS_USERS = {"USERS_TABLE", "IDENTITY_KEY_ARN"}
TOLD = {"PROVIDER", "TASKS_TABLE", "BUS_NAME"}
OF_A_PASS = {"TASKS_TABLE", "RESULTS_BUCKET"}
EVERYTHING = {
    *("RAW_BUCKET", "LAKE_BUCKET", "MEDIA_BUCKET", "DATABASE"),
    *("LEDGER_TABLE", "ACCESS_LOG_TABLE", "DEAD_LETTERS"),
}
# Of a provider that is asked for collisions.
OF_COLLISIONS = {
    "receive_webhook": EVERY | KEYS | {"RAW_BUCKET", "TASKS_TABLE"},
    "resume_task": EVERY | {"PROVIDER", "TASKS_TABLE"},
}
VARIABLES = {
    "plan_offloads": EVERY | REACHED | {"LEDGER_TABLE"},
    "fetch_offload": EVERY | REACHED | {"LEDGER_TABLE", "RAW_BUCKET", "BUS_NAME"},
    "account_offloads": EVERY | {"PROVIDER", "LEDGER_TABLE", "BUS_NAME"},
    "convert": EVERY
    | GATE
    | {"RAW_BUCKET", "LAKE_BUCKET", "LEDGER_TABLE", "DATABASE", "QUEUE_URL"},
    "migrate_lake": EVERY | {"LAKE_BUCKET", "DATABASE"},
    "mirror_users": EVERY | {"LAKE_BUCKET", "DATABASE", "USERS_TABLE"},
    "define_views": EVERY | {"DATABASE", "WORKGROUP"},
    "describe_api": EVERY,
    "manage_users": EVERY
    | {"REACHABLE", "USERS_TABLE", "ACCESS_LOG_TABLE", "IDENTITY_KEY_ARN"}
    | {"TASKS_TABLE", "BUS_NAME"},
    "receive_webhook": EVERY | KEYS | {"RAW_BUCKET"},
    "enrich": EVERY
    | GATE
    | REACHED
    | {"RAW_BUCKET", "LEDGER_TABLE", "QUEUE_URL", "BUS_NAME", "ROUNDS", "FIRST_WAIT_SECONDS"},
    "plan_reconciliation": EVERY
    | {"PROVIDER", "LAKE_BUCKET", "DATABASE", "LEDGER_TABLE", "QUEUE_URL"},
    "label_trip": EVERY | GATE | REACHED | {"RAW_BUCKET"},
    "look_up": EVERY | REACHED | {"RAW_BUCKET", "USERS_TABLE", "IDENTITY_KEY_ARN"},
    "sync_events": EVERY | GATE | REACHED | MEDIA | {"RAW_BUCKET", "LEDGER_TABLE", "TASKS_TABLE"},
    **dict.fromkeys(CLIP_VERBS, EVERY | CLIP),
    **dict.fromkeys(("begin_clip", "store_clip"), EVERY | GATE | CLIP),
    "resume_task": EVERY | WAITS | {"PROVIDER", "RAW_BUCKET", "TASKS_TABLE"},
    "request_clip": EVERY | GATE | {"PROVIDER", "TASKS_TABLE", "BUS_NAME"},
    "show_clip": EVERY | {"PROVIDER", "TASKS_TABLE"},
    "request_collision": EVERY | TOLD | FINDS_USERS,
    "show_collision": EVERY | {"PROVIDER", "TASKS_TABLE"},
    "claim_collision": EVERY | TOLD | FINDS_USERS,
    "finish_collision": EVERY | TOLD,
    "notice_collision": EVERY | TOLD | FINDS_USERS | {"RAW_BUCKET"},
    "ask_collision": EVERY
    | REACHED
    | FINDS_USERS
    | {"TASKS_TABLE", "ANSWER_SECONDS", "MOST_ASKS", "WEBHOOK_API_URL", "PUBLIC_URL"}
    | {"FIRST_WAIT_SECONDS", "LONGEST_WAIT_SECONDS"},
    "answer_impact": EVERY
    | GATE
    | REACHED
    | {"RAW_BUCKET", "TASKS_TABLE", "BUS_NAME", "IMPACT_TYPES"},
    "begin_erasure": EVERY | GATE | OF_A_PASS,
    "revoke_people": EVERY | GATE | OF_A_PASS | REACHED,
    "purge_people": EVERY | GATE | OF_A_PASS | EVERYTHING,
    "verify_erasure": EVERY | GATE | OF_A_PASS | EVERYTHING,
    "finish_erasure": EVERY | GATE | OF_A_PASS | {"BUS_NAME", "ACCESS_LOG_TABLE"},
    "watch_desk": EVERY
    | {"LEDGER_TABLE", "TASKS_TABLE", "USERS_TABLE"}
    | {"WATCHED_SECRETS", "WATCHED_LETTERS", "ALARM_TOPIC"},
    "tend_lake": EVERY
    | {"LAKE_BUCKET", "DATABASE", "USERS_TABLE", "GATE_SECONDS", "LAKE_RETENTION_DAYS"},
    "discard_event": EVERY | REACHED | {"TASKS_TABLE", "ACCESS_LOG_TABLE", "IDENTITY_KEY_ARN"},
}


def verbs(template: Template) -> dict[str, str]:
    """Logical id -> the module of `functions/` that is called."""
    return {
        id: function["Handler"].removesuffix(".handler")
        for id, function in template.functions.items()
    }


def test_every_verb_is_deployed_where_a_provider_needs_it(acme: Template) -> None:
    has_athena = bool(acme.of_type("AWS::Athena::NamedQuery"))
    assert set(verbs(acme).values()) | (set() if has_athena else OF_ATHENA) == VERBS
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
        of = template.providers.get(variables.get("PROVIDER", ""))
        wanted = VARIABLES | (OF_COLLISIONS if of is not None and of.collisions else {})
        of_lake = arrow.ENVIRONMENT.keys() if verb in WITH_LAKE else set()
        assert set(variables) == wanted[verb] | of_lake, verb
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
        assert about_secrets <= {
            *("SECRET_ARN", "IDENTITY_KEY_ARN", "REACHABLE"),
            "WATCHED_SECRETS",
        }


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
