"""The keyed hash: the same for the same person, another for anybody else."""

import hashlib
import hmac
from typing import Any, cast

import pytest

from telematics import identities
from telematics.errors import MissingSetting
from telematics.identities import REMEMBERED, Identities


class FakeSecrets:
    def __init__(self, text: str) -> None:
        self.text = text
        self.asked: list[str] = []

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803
        self.asked.append(SecretId)
        return {"SecretString": self.text}


def test_it_is_hmac_sha256_over_provider_and_id() -> None:
    expected = hmac.new(b"key", b"move/anna", hashlib.sha256).hexdigest()
    assert Identities(b"key").of("move", "anna") == expected


def test_whatever_differs_gives_another_one() -> None:
    ours = Identities(b"key")
    hashes = [
        ours.of("move", "anna"),
        ours.of("move", "anna "),
        ours.of("sentiance", "anna"),
        ours.ours("anna"),
        Identities(b"another key").of("move", "anna"),
    ]
    assert len(set(hashes)) == len(hashes)
    assert ours.ours("anna") == ours.of("telematics", "anna")


def test_it_is_worked_out_once_for_people_who_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out: list[bytes] = []
    digest = hmac.digest

    def counted(key: bytes, text: bytes, name: str) -> bytes:
        worked_out.append(text)
        return digest(key, text, name)

    monkeypatch.setattr(hmac, "digest", counted)
    ours = Identities(b"key")
    for _ in range(3):
        ours.of("move", "anna")
    assert worked_out == [b"move/anna"]
    for number in range(REMEMBERED):
        ours.of("move", f"{number}")
    ours.of("move", "anna")  # forgotten: memory has an end
    assert worked_out.count(b"move/anna") == 2


def test_the_key_is_read_by_its_arn_and_an_empty_one_is_refused() -> None:
    secrets = FakeSecrets("key")
    read = identities.read(cast(Any, secrets), "arn:key")
    assert read.of("move", "anna") == Identities(b"key").of("move", "anna")
    assert secrets.asked == ["arn:key"]
    with pytest.raises(MissingSetting):
        identities.read(cast(Any, FakeSecrets("")), "arn:key")


def test_the_key_is_not_shown() -> None:
    assert "key" not in repr(vars(Identities(b"a secret key"))).replace("hashed", "")
