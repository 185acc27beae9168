"""VisionMax's events for the hourly sync: what a list tells of them, their details and files."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import SecretStr

from telematics import versions
from telematics.clips.devices import Drive
from telematics.enrichment.enriching import slices
from telematics.enrichment.envelope import Entry
from telematics.errors import InvalidRequest, MalformedPayload, ProviderRefused
from telematics.media import safe_name
from telematics.observability import logger
from telematics.providers.dashcam import client, records, tracks
from telematics.providers.dashcam.about import Event, Period, moment
from telematics.providers.dashcam.answers import Element, Listing
from telematics.providers.dashcam.client import Dashcam
from telematics.sync.sources import Batch, File, Kind, Look, Page, Told

Members: TypeAlias = Mapping[str, Any]  # JSON of any shape

EVENTS, TRACKS = "events", "points"
REPORTS, UPLOADS = "safety_report", "manual_uploads"
PAGES_AT_ONCE = 20  # in one object in raw
LONGEST_ID = 100
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")


class Events:
    """The account's events, as `telematics.sync` asks for them."""

    def __init__(self, dashcam: Dashcam) -> None:
        self._dashcam = dashcam

    def listed(self, first: datetime, last: datetime, *, now: datetime) -> Sequence[Page]:
        listing = self._dashcam.events(first, last)
        _warn_of_lacking(listing)
        pages = []
        for page in listing.pages:
            told = [one for one in map(told_of, page.elements) if one]
            entry = Entry(page.answer.asked, now, page.answer.body)
            pages.append(Page(entry, tuple(told), len(page) - len(told)))
        return pages

    def look(self, event: str, told: Told | None, *, now: datetime) -> Look:
        """The detail, and the assets with links that are good for a short while."""
        about = Event.parse(told.about) if told else Event(event)
        entries: list[Entry] = []
        refused: list[str] = []
        detail: Members = {}
        assets: Members = {}
        with _noted(refused):
            page = self._dashcam.event(event)
            entries.append(Entry(page.answer.asked, now, page.answer.body))
            found = next((one for one in page.elements if one.about.uuid == event), None)
            if found is None:
                raise ProviderRefused("its detail is an empty list")
            about, detail = found.about, records.decoded(found.body)
        with _noted(refused):
            answer = self._dashcam.assets(event)
            entries.append(Entry(answer.asked, now, answer.body, str(about)))
            assets = records.decoded(answer.data)
        look = look_at(told, detail, assets)
        return replace(
            look,
            about=str(about),
            entries=entries,
            refused="; ".join(refused),
            person=about.driver or "",
        )

    def track(self, content: bytes, about: str, *, now: datetime) -> Entry:
        return Entry(tracks.ASKED, now, tracks.answer(content), about)

    def report(self, day: date, *, now: datetime) -> Batch:
        """Of one day, so that no two summaries overlap."""
        answer = self._dashcam.safety_report(day, day)
        entry = Entry(answer.asked, now, answer.body, str(Period(day, day)))
        return Batch(REPORTS, day, "report", [entry])

    def uploads(self, *, now: datetime) -> Iterator[Batch]:
        """Without the filter and with it: whether it only adds or leaves out is not documented."""
        for name, time_lapse in (("uploads", None), ("time-lapses", True)):
            listing = self._dashcam.manual_uploads(time_lapse=time_lapse)
            _warn_of_lacking(listing)
            for number, some in enumerate(slices(listing.answers, PAGES_AT_ONCE)):
                entries = [Entry(one.asked, now, one.body) for one in some]
                yield Batch(UPLOADS, now.date(), f"{name}-{number:03d}", entries)


def told_of(element: Element) -> Told | None:
    """None for an event without a time, or with a name that can't stand in a path."""
    about, day = element.about, element.about.day
    is_name = about.uuid.strip(". ") and about.uuid.isprintable() and len(about.uuid) <= LONGEST_ID
    if day is None or not is_name:
        return None
    members = records.decoded(element.body)
    return Told(
        about.uuid,
        day,
        versions.digest(records.without_links(members)),
        str(about),
        severity=_whole(members.get("severity_level")) or 0,
        is_uploading=_is_uploading(members),
        is_expired=_is_true(members.get("expired")),
        drive=_drive(about),
    )


def _drive(about: Event) -> Drive | None:
    if not (about.driver and about.device and about.timestamp is not None):
        return None
    return Drive(about.device, about.driver, moment(about.timestamp))


def look_at(told: Told | None, detail: Members, assets: Members) -> Look:
    """Videos are to come as long as anything says so: a list that is out of date is told anew."""
    newest = {**detail, **{name: one for name, one in assets.items() if one is not None}}
    severity = _whole(newest.get("severity_level"))
    is_expired = _is_true(newest.get("expired")) or bool(told and told.is_expired)
    videos = _objects(assets.get("videos"))
    announced = _whole(newest.get("videos_total_count")) or 0
    is_short = not is_expired and bool(assets) and len(videos) < announced
    is_told_so = bool(told and told.is_uploading)
    return Look(
        about="",
        files=tuple(files(assets, videos)),
        severity=severity if severity is not None else told.severity if told else 0,
        videos=announced,
        is_uploading=_is_uploading(newest) or is_short or is_told_so,
        is_expired=is_expired,
    )


def files(assets: Members, videos: Sequence[Members]) -> Iterator[File]:
    """What has a link, each under a name of its own."""
    taken: set[str] = set()

    def file(kind: Kind, name: str, link: object, size: int | None = None) -> Iterator[File]:
        if isinstance(link, str) and link:
            yield File(kind, _free(safe_name(name), taken), link, size)

    yield from file(Kind.TRACK, "track.nmea", assets.get("nmea_url"))
    for one in _objects(assets.get("snapshots")):
        link, camera = one.get("url"), _text(one.get("capture_mode"), "camera")
        yield from file(Kind.SNAPSHOT, f"snapshot-{camera}{_ending(link)}", link)
    for one in videos:
        camera = _text(one.get("capture_mode"), "camera")
        name = _text(one.get("origin_file_name"), "video.mp4")
        size = _whole(one.get("general_filesize")) or None
        yield from file(Kind.VIDEO, f"{camera}-{name}", one.get("video_url"), size)


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> Events:
    return Events(client.connect_shared(fields, base_url=base_url))


@contextmanager
def _noted(refused: list[str]) -> Iterator[None]:
    """What is refused of one event is no reason to stop. Its text is a status and a code."""
    try:
        yield
    except (ProviderRefused, InvalidRequest, MalformedPayload) as refusal:
        refused.append(str(refusal))


def _warn_of_lacking(listing: Listing) -> None:
    """It was read several times already, and will be again."""
    if listing.lacking:
        logger.warning("a list announced more than it told", extra={"lacking": listing.lacking})


def _is_uploading(members: Members) -> bool:
    info = members.get("asset_info")
    if isinstance(info, dict) and _is_true(info.get("uploading")):
        return True
    announced = _whole(members.get("videos_total_count")) or 0
    there = (_whole(members.get(name)) for name in ("video_uploaded", "videos_count"))
    return any(one < announced for one in there if one is not None)


def _is_true(value: object) -> bool:
    return value in (True, "true", "1")


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _objects(value: object) -> Sequence[Members]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object, otherwise: str) -> str:
    return value if isinstance(value, str) and value else otherwise


def _ending(link: object) -> str:
    """A link that can't be read is refused later, with a reason."""
    try:
        path = urlsplit(link).path.lower() if isinstance(link, str) else ""
    except ValueError:
        path = ""
    return next((one for one in _PICTURES if path.endswith(one)), _PICTURES[0])


def _free(name: str, taken: set[str]) -> str:
    """Another name where this one is taken: one file must not hide another."""
    stem, dot, ending = name.rpartition(".")
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{stem}-{number}{dot}{ending}"
    taken.add(free)
    return free
