"""Links are keys: none gets into the lake, wherever it stands."""

import pytest

from tests.unit.dashcam_answers import ABOUT, of, one, read
from tests.unit.dashcam_server import payload

LINKS = (
    "https://media.example/a.mp4?X-Amz-Signature=1",
    "HTTP://media.example/a",
    "see https://media.example/a, or s3://bucket/key",
    "//media.example/a",
)


@pytest.mark.parametrize("link", LINKS)
def test_links_are_nowhere_wherever_they_stand(link: str) -> None:
    told = {
        "uuid": "a",
        "timestamp": 0,
        "name": link,
        "video_url": link,
        "driver_avatar": link,
        "new": {"deep": [link], "hlsUrl": "a.m3u8", "uri": link},
        "lat": 1,
    }
    for members in (told, {**told, "lat": "north"}):
        found = one("events", members)
        shown = str(of(found, "events")) + str(of(found, "event_listings")) + str(found.unreadable)
        assert "media.example" not in shown
        assert "m3u8" not in shown
        assert "bucket" not in shown


def test_what_is_set_aside_unread_has_no_links_either() -> None:
    body = b'{"data":[{"uuid":"a","x":"https:\\/\\/media.example\\/a?sig=1","timestamp":null}]}'
    [unreadable] = read(("events", body, None)).unreadable
    assert "media.example" not in unreadable.content
    assert '"uuid":"a"' in unreadable.content


def test_all_that_payloads_have_of_links_stays_out_of_the_lake() -> None:
    found = read(
        ("events", payload("events"), None),
        ("event", payload("event"), None),
        ("assets", payload("assets"), ABOUT),
        ("manual_uploads", payload("manual_uploads"), None),
    )
    assert len(found.things) == 4 + 2 + 1 + 2
    assert all(hint not in str(found.things) for hint in ("media.example", "X-Amz", "://"))
