"""The secrets that senders sign with: fresh within seconds, and each webhook for itself."""

import json

import pytest
from botocore.exceptions import ClientError

from telematics.errors import MissingSetting
from telematics.providers.move.webhooks import NOTIFICATIONS, TIMELINE
from telematics.signing_secrets import SECRET_LIFETIME_SECONDS
from tests.unit.signed_deliveries import FIELDS, SECRET, Received


def test_a_secret_is_read_once_and_kept_for_some_seconds() -> None:
    here = Received()
    assert here.secrets.live(TIMELINE) == (SECRET, "")
    here.manager.put({"timeline_secret": "new", "timeline_secret_previous": SECRET})
    here.clock.now += SECRET_LIFETIME_SECONDS - 0.1

    assert here.secrets.live(TIMELINE) == (SECRET, "")
    assert here.secrets.live(NOTIFICATIONS) == ("another-secret", "")
    assert here.manager.reads == 1

    here.clock.now += 0.1
    assert here.secrets.live(TIMELINE) == ("new", SECRET)
    assert here.manager.reads == 2


@pytest.mark.fault("clock", of=("move", "dashcam", "zendrive"))
def test_a_clock_that_was_put_back_keeps_nothing_alive() -> None:
    here = Received()
    here.secrets.live(TIMELINE)
    here.clock.now -= 3_600
    here.secrets.live(TIMELINE)
    assert here.manager.reads == 2


def test_one_webhook_works_without_the_secret_of_another() -> None:
    here = Received()
    here.manager.put({"notifications_secret": "another-secret"})
    assert here.secrets.live(NOTIFICATIONS) == ("another-secret", "")
    with pytest.raises(MissingSetting, match="timeline_secret"):
        here.secrets.live(TIMELINE)


@pytest.mark.parametrize("value", ["", "  ", None, 12, ["x"], "two\nlines", "\ud800"])
def test_a_secret_that_is_none_is_not_configured(value: object) -> None:
    here = Received()
    here.manager.put({"timeline_secret": value, "timeline_secret_previous": value})
    with pytest.raises(MissingSetting, match="telematics configure move"):
        here.secrets.live(TIMELINE)


@pytest.mark.parametrize("value", ["", " ", None, 12])
def test_a_secret_before_that_is_none_is_empty(value: object) -> None:
    here = Received()
    here.manager.put({**FIELDS, "timeline_secret_previous": value})
    assert here.secrets.live(TIMELINE) == (SECRET, "")


def test_blanks_around_a_secret_are_not_part_of_it() -> None:
    here = Received()
    here.manager.put({"timeline_secret": " with blanks inside é\n"})
    assert here.secrets.live(TIMELINE) == ("with blanks inside é", "")


@pytest.mark.parametrize("text", [None, "", "{", "[]", '"text"', "null", '{"timeline_secret": "s'])
def test_a_secret_that_nobody_configured_is_named_without_its_text(text: str | None) -> None:
    here = Received()
    here.manager.text = text
    with pytest.raises(MissingSetting) as missing:
        here.secrets.live(TIMELINE)
    assert "telematics configure move" in str(missing.value)
    assert missing.value.__cause__ is None
    assert not text or text == "{" or text not in str(missing.value)


def test_what_nobody_configured_is_not_asked_for_again_at_once() -> None:
    here = Received()
    here.manager.text = None
    for _ in range(3):
        with pytest.raises(MissingSetting):
            here.secrets.live(TIMELINE)
    assert here.manager.reads == 1


def test_a_secret_that_cannot_be_read_is_our_failure_and_read_again() -> None:
    here = Received()
    here.manager.refuses = "AccessDeniedException"
    with pytest.raises(ClientError):
        here.secrets.live(TIMELINE)
    here.manager.refuses = ""
    assert here.secrets.live(TIMELINE) == (SECRET, "")


def test_what_need_not_be_configured_is_empty_where_it_is_not() -> None:
    here = Received()
    here.manager.put({"timeline_secret_previous": SECRET})
    assert here.secrets.known(TIMELINE) == ("", SECRET)
    assert here.secrets.known(NOTIFICATIONS) == ("", "")
    assert here.manager.reads == 1


def test_a_kind_of_signature_that_is_documented_is_not_described() -> None:
    assert Received().secrets.described(TIMELINE) is None


def test_a_secret_is_never_shown() -> None:
    here = Received()
    here.secrets.live(TIMELINE)
    assert SECRET not in repr(here.secrets)
    assert SECRET in json.dumps(FIELDS)
