"""Settings and secrets: what is missing is named, what is secret never shown."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.catalog import PROVIDERS
from telematics.errors import MissingSetting
from telematics.secrets import Secrets, checked
from telematics.settings import Settings
from tests.unit.fakes import refusal

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SENTIANCE = PROVIDERS["sentiance"]
MOVE = PROVIDERS["move"]
KEYS = {"read_key": "id.read-secret", "url_key": "id.url-secret"}
MOVE_KEYS: dict[str, object] = {
    "product_id": "1000",
    "api_key": "key",
    "timeline_secret": "of-the-timeline",
    "notifications_secret": "of-the-rest",
}


@dataclass
class FakeSecretsManager:
    """Holds one secret. None: nothing was ever put into it."""

    text: str | None = field(repr=False)
    secrets: Secrets = field(init=False)

    def __post_init__(self) -> None:
        self.secrets = Secrets(cast("SecretsManagerClient", self))

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:  # noqa: N803
        if self.text is None:
            raise refusal("ResourceNotFoundException", "GetSecretValue")
        return {"SecretString": self.text}

    def read(self) -> Mapping[str, str]:
        fields = self.secrets.read("arn", SENTIANCE)
        return {name: value.get_secret_value() for name, value in fields.items()}


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(MissingSetting, match="LEDGER_TABLE"):
        _ = Settings({}).ledger_table


def test_settings_never_show_what_is_in_the_environment() -> None:
    assert "hidden" not in repr(Settings({"AWS_SESSION_TOKEN": "hidden"}))


@pytest.mark.fault("rotated", of=("sentiance", "users"))
def test_a_new_key_counts_at_once() -> None:
    manager = FakeSecretsManager(json.dumps(KEYS))
    assert manager.read() == KEYS

    manager.text = json.dumps(KEYS | {"read_key": "id.rotated"})
    assert manager.read()["read_key"] == "id.rotated"


def test_only_declared_fields_are_read_and_blanks_at_the_ends_ignored() -> None:
    written = KEYS | {"read_key": " id.read-secret\n", "base_url": "", "comment": "two words"}

    assert FakeSecretsManager(json.dumps(written)).read() == KEYS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "the field read_key of its secret is empty or missing"),
        ("", "the field read_key of its secret is empty or missing"),
        ('{"read_key": "secret-text"}', "the field url_key of its secret is empty or missing"),
        ('{"read_key": "secret-text", "url_key": 7}', "the field url_key of its secret is empty"),
        ('{"read_key": "secret-text x", "url_key": "y"}', "the field read_key .* has a blank"),
        ('{"read_key": "secret-text', "its secret is not JSON"),
        ('["secret-text"]', "its secret is not a JSON object"),
    ],
)
def test_an_unusable_secret_says_what_to_do_and_nothing_of_itself(
    text: str | None, reason: str
) -> None:
    with pytest.raises(MissingSetting, match=reason) as caught:
        FakeSecretsManager(text).read()

    assert "`telematics configure sentiance --file secret.json`" in str(caught.value)
    assert "secret-text" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def of_move(values: Mapping[str, object]) -> Mapping[str, str]:
    return {name: one.get_secret_value() for name, one in checked(values, MOVE).items()}


@given(st.integers(min_value=0))
def test_a_number_without_quotes_is_the_text_of_its_digits(number: int) -> None:
    numbers = json.loads(f'{{"product_id": {number}, "batch_size": {number}}}')
    assert of_move(MOVE_KEYS | numbers) == of_move(
        MOVE_KEYS | {"product_id": str(number), "batch_size": str(number)}
    )


@pytest.mark.parametrize("value", [True, 12.5, [1000], {"id": 1000}, None, ""])
def test_what_is_neither_text_nor_a_whole_number_is_no_product(value: object) -> None:
    with pytest.raises(MissingSetting, match="the field product_id of its secret is empty"):
        of_move(MOVE_KEYS | {"product_id": value})


def test_a_key_is_no_number() -> None:
    with pytest.raises(MissingSetting, match="the field api_key of its secret is empty"):
        of_move(MOVE_KEYS | {"api_key": 1000})


def test_what_senders_sign_with_may_be_a_sentence() -> None:
    sentence = "wer reitet so spät durch Nacht und Wind"
    assert of_move(MOVE_KEYS | {"timeline_secret": f" {sentence} "})["timeline_secret"] == sentence
    with pytest.raises(MissingSetting, match=r"the field timeline_secret .* can't be printed"):
        of_move(MOVE_KEYS | {"timeline_secret": "two\nlines"})


def test_all_that_is_in_a_secret_can_be_had_too() -> None:
    values = KEYS | {"url_key_previous": "id.before", "comment": 7}
    assert FakeSecretsManager(json.dumps(values)).secrets.values("arn", SENTIANCE) == values


def test_a_secret_that_is_not_configured_yet_is_read_again_at_once() -> None:
    manager = FakeSecretsManager("{}")
    with pytest.raises(MissingSetting):
        manager.read()

    manager.text = json.dumps(KEYS)

    assert manager.read() == KEYS


def test_a_secret_hides_in_every_text() -> None:
    manager = FakeSecretsManager(json.dumps(KEYS))

    shown = repr(manager.secrets.read("arn", SENTIANCE)) + repr(manager.secrets)

    assert "read-secret" not in shown
