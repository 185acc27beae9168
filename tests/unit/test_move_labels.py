"""Labels for trips of MOVE."""

from datetime import date

import pytest
from pydantic import SecretStr

from telematics.errors import MissingSetting
from telematics.providers.move import labels
from telematics.providers.move.labels import MoveLabels
from tests.unit.move_server import IDLE, KEY, PRODUCT, answering, ok, told


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"type":"TRAIN"}', "TRAIN"),
        (b'{"type":null}', None),
        (b'{"type":7}', None),
        (b"{}", None),
    ],
)
def test_the_type_is_told_where_the_provider_tells_one(body: bytes, kind: str | None) -> None:
    labelled = MoveLabels(answering(ok(body)).client()).label(str(IDLE), "TRAIN")

    assert (labelled.type, labelled.day, labelled.body) == (kind, date(2024, 3, 5), body)


def test_a_connection_for_labels_has_the_secrets_own_settings() -> None:
    fields = {
        "product_id": SecretStr(PRODUCT),
        "api_key": SecretStr(KEY),
        "api_version": SecretStr("v3"),
    }
    text = told(lambda: labels.connect(fields, base_url="https://x.example"), MissingSetting)
    assert "v1_5, v20" in text
