"""Secrets: each is read by those who need it, and written by hardly anybody."""

from tests.infra.template import Template, listed, referred
from tests.infra.test_permissions import SECRETS, granted

READERS = {
    "plan_offloads",
    "fetch_offload",
    "receive_webhook",
    "enrich",
    "label_trip",
    "look_up",
    "manage_users",
    "revoke_people",
    "sync_events",
    "ask_collision",
    "begin_clip",
    "poll_clip",
    "store_clip",
    "answer_impact",
    "discard_event",
}


def test_only_who_talks_to_a_provider_reads_its_secret(template: Template) -> None:
    readers = {
        function["Handler"]
        for function in template.functions.values()
        for statement in template.statements(referred(function["Role"]))
        if SECRETS in listed(statement["Action"])
        and listed(statement["Resource"]) != [{"Ref": "IdentityKey"}]
    }
    assert readers <= {f"{verb}.handler" for verb in READERS}


def test_nobody_writes_the_secret_of_another_provider(template: Template) -> None:
    for verb in READERS:
        for provider in template.providers.values():
            written = granted(template, verb, provider.name, "secretsmanager:PutSecretValue")
            assert written <= ({f"<{provider.id}Keys>"} if provider.shares_token else set())


def test_nobody_reads_the_secret_of_another_provider(template: Template) -> None:
    for verb in READERS:
        for provider in template.providers.values():
            read = granted(template, verb, provider.name, SECRETS)
            assert read <= {f"<{provider.id}Keys>", "<IdentityKey>"}


def test_secrets_start_empty_and_keep_their_logical_ids(template: Template) -> None:
    """With another id CloudFormation would make another secret, and forget the keys."""
    secrets = template.of_type("AWS::SecretsManager::Secret")
    del secrets["IdentityKey"]  # our own: AWS makes it
    assert {id: secret["Name"] for id, secret in secrets.items()} == {
        f"{provider.id}Keys": f"telematics/{provider.name}"
        for provider in template.providers.values()
    }
    assert all(secret["SecretString"] == "{}" for secret in secrets.values())
