"""The dossier of a crash in a real browser: opened from disk, and asking nobody anything."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.cli.reporting.report import Written
from tests.browser.chromium import Chromium
from tests.browser.crash import CLAIM, CLIP, HOSTILE, ID

DESKTOP, PHONE = 1_280, 390
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
IMAGES = "[...document.images].map(one => [one.complete, one.naturalWidth, one.alt])"
PLAYED = """
Promise.all([...document.querySelectorAll('video')].map(async video => {
  video.muted = true;
  await video.play();
  while (video.currentTime < 0.1) await new Promise(done => setTimeout(done, 20));
  video.pause();
  return [video.readyState, video.videoWidth, video.videoHeight];
}))
"""
OUTLINE = """
({
  title: document.title,
  text: document.body.innerText,
  scripts: document.scripts.length,
  bold: document.querySelectorAll('b').length,
  heads: [...document.querySelectorAll('table')].map(one => one.querySelectorAll('th').length),
  captions: [...document.querySelectorAll('table')].filter(one => !one.caption).length,
  links: [...document.querySelectorAll('[href]')].map(one => one.getAttribute('href')),
})
"""


@pytest.fixture(scope="module")
def opened(browser: Chromium, written: Written) -> Chromium:
    browser.open(written.page, width=DESKTOP, height=1_000)
    return browser


def requests(browser: Chromium) -> set[str]:
    """How what was asked for is addressed."""
    sent = (one for one in browser.events if one["method"] == "Network.requestWillBeSent")
    return {urlsplit(one["params"]["request"]["url"]).scheme for one in sent}


def complaints(browser: Chromium) -> list[Any]:
    kinds = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    return [one["params"] for one in browser.events if one["method"] in kinds]


def test_it_opens_from_disk_and_all_in_it_can_be_seen(opened: Chromium) -> None:
    images = opened.run(IMAGES)
    assert len(images) == 4  # two charts, two stills
    assert all(complete and width > 0 and means for complete, width, means in images)
    videos = opened.run(PLAYED)
    assert len(videos) == 3
    assert all(ready >= 2 and width > 0 and height > 0 for ready, width, height in videos)
    assert requests(opened) == {"file", "data"}
    assert complaints(opened) == []


def test_what_happened_is_told_and_nothing_of_it_is_executed(
    opened: Chromium, written: Written
) -> None:
    told = opened.run(OUTLINE)
    assert told["title"] == f"Collision dossier {ID}"
    assert (told["scripts"], told["bold"], told["links"]) == (0, 0, [])
    assert told["captions"] == 0
    assert all(told["heads"])
    impact = written.dossier.impact
    assert impact is not None
    for fact in (
        *(ID, CLAIM, HOSTILE, "driver-0001", "2023-06-20 11:00:00 UTC (13:00:00 local"),
        *(f"{impact.g_force:.1f} g", "19 km/h", "deployed", "3 providers", "verified"),
        *("Zendrive", "MiTAC VisionMax", "Sentiance", "Dolphin MOVE"),
        *("phone", "Apple-iPhone14,2", "healthy", "0.71", CLIP),
        *("footage of camera C_I: video not found", "This page is personal data."),
        *(one.sha256 for one in written.dossier.answers),
        *(one.sealed.sha256 for one in written.dossier.files),
    ):
        assert fact in told["text"]
    assert "differs" not in told["text"]


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_it_fits_any_screen(browser: Chromium, written: Written, width: int) -> None:
    browser.open(written.page, width=width, height=800)
    assert browser.run(OVERFLOW) <= 0


def test_footage_that_is_too_much_for_the_page_is_beside_it(
    browser: Chromium, changed: Written
) -> None:
    assert len(changed.beside) == 5
    assert all(one.parent == changed.page.parent for one in changed.beside)
    browser.open(changed.page, width=DESKTOP, height=800)
    assert all(ready >= 2 for ready, _, _ in browser.run(PLAYED))
    assert all(width > 0 for _, width, _ in browser.run(IMAGES))
    assert requests(browser) == {"file", "data"}
    assert complaints(browser) == []
    [bad] = browser.run("[...document.querySelectorAll('.bad')].map(one => one.innerText)")[:1]
    assert bad == "does not verify"
