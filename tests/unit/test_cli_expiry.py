"""When keys expire is said when they are configured, and is no part of the secret."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from infra.cli import expiry
from infra.cli.exits import BadInput
from telematics.attention.keys import EXPIRE_ON
from telematics.catalog import PROVIDERS
from tests.unit.cli_program import Program, telematics
from tests.unit.cli_stack import Secrets, deployed

__all__ = ["telematics"]

TODAY = date(2026, 6, 4)
KEYS = {"read_key": "read.key.of.many.signs", "url_key": "url.key.of.many.signs"}


def configured(telematics: Program, folder: Path, secrets: Secrets, **more: object) -> Secrets:
    file = folder / "secret.json"
    file.write_text(json.dumps({**KEYS, **more}))
    arguments = ("configure", "sentiance", "--file", str(file), "--no-check")
    assert telematics(*arguments, stack=deployed(secrets=secrets)).code == 0
    return secrets


def test_the_day_is_a_tag_and_not_in_the_secret(telematics: Program, tmp_path: Path) -> None:
    secrets = configured(telematics, tmp_path, Secrets(), keys_expire_on="2099-01-31")
    assert secrets.tags == {EXPIRE_ON: "2099-01-31"}
    assert json.loads(secrets.text) == KEYS


def test_keys_of_sentiance_are_good_for_a_year_unless_somebody_says_otherwise(
    telematics: Program, tmp_path: Path
) -> None:
    before = datetime.now(UTC).date()
    secrets = configured(telematics, tmp_path, Secrets(tags={EXPIRE_ON: "2020-01-01"}))
    told = date.fromisoformat(secrets.tags[EXPIRE_ON])
    assert told - before in (timedelta(days=365), timedelta(days=366))


def test_of_others_nothing_is_known_and_the_day_of_older_keys_goes() -> None:
    secrets = Secrets(tags={EXPIRE_ON: "2026-01-01"})
    move = PROVIDERS["move"]
    assert expiry.known(move, None, today=TODAY) is None
    expiry.note(deployed(secrets=secrets), move, None)
    assert secrets.tags == {}


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "2026-06-04", "2020-01-01", None])
def test_a_day_that_is_none_or_over_is_refused(day: str | None) -> None:
    with pytest.raises(BadInput, match="keys_expire_on"):
        expiry.parted(json.dumps({**KEYS, "keys_expire_on": day}), today=TODAY)


@pytest.mark.parametrize("text", ["not JSON", "[1]", '{"read_key": "x"}'])
def test_a_secret_without_a_day_is_left_as_it_is(text: str) -> None:
    assert expiry.parted(text, today=TODAY) == (text, None)


class Untaggable(Secrets):
    def tag_resource(self, **_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "TagResource")


def test_who_may_not_tag_may_configure_all_the_same(telematics: Program, tmp_path: Path) -> None:
    secrets = configured(telematics, tmp_path, Untaggable(), keys_expire_on="2099-01-31")
    assert json.loads(secrets.text) == KEYS
    assert secrets.tags == {}
