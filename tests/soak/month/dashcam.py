"""The dashcams' month: lists page by page, and of some events their details, assets and tracks."""

import hashlib
from datetime import UTC, date, datetime, time

import orjson

from telematics.enrichment.envelope import Entry
from telematics.providers.dashcam import about, tracks
from telematics.providers.dashcam.pages import LIMIT
from telematics.providers.dashcam.sync import EVENTS, TRACKS
from tests.sandbox.simulators.dashcam import files
from tests.sandbox.simulators.dashcam.api import Api
from tests.sandbox.simulators.dashcam.clips import Json
from tests.sandbox.simulators.dashcam.events import MANUAL, Event, device_cid
from tests.sandbox.simulators.dashcam.settings import Settings
from tests.sandbox.simulators.dashcam.world import World
from tests.soak.month.truth import Name
from tests.soak.month.world import Into, fetched_at

PROVIDER = "dashcam"
EVERY = 50  # event is asked about: an object each


class Dashcam:
    """As synchronization keeps it, the day after each."""

    def __init__(self, seed: int, users: int) -> None:
        self._now = datetime.now(UTC)
        self._world = World(Settings(seed, users, now=lambda: self._now.timestamp()))
        self._api = Api(self._world)

    def store(self, day: date, into: Into) -> None:
        self._now = fetched_at(day)
        begin = datetime.combine(day, time(), UTC).timestamp()
        between = self._world.fleet.between(begin, begin + 86_399)
        events = sorted(
            (one for one in between if one.type != MANUAL),
            key=lambda one: (-one.timestamp, one.uuid),
        )
        for number, start in enumerate(range(0, len(events), LIMIT)):
            page = events[start : start + LIMIT]
            listed = [self._world.teller.listed(one) for one in page]
            told = "\n".join(one.uuid for one in page)
            name = f"listing-{hashlib.sha256(f'{number}/{told}'.encode()).hexdigest()[:32]}"
            entry = self._entry("events", day, {"count": len(events), "data": listed})
            into.put_answers(PROVIDER, EVENTS, day, name, [entry])
        for event in events[::EVERY]:
            self._look(event, day, into)

    def _look(self, event: Event, day: date, into: Into) -> None:
        person = event.person
        which = about.Event(event.uuid, event.timestamp, device_cid(person), str(person.number))
        teller, link = self._world.teller, f"https://{PROVIDER}.example/"
        entries = [
            self._entry("event", day, {"data": [teller.detail(event)]}),
            self._entry("assets", day, {"data": teller.assets(event, lambda _: link)}, str(which)),
        ]
        into.put_answers(PROVIDER, EVENTS, day, event.uuid, entries)
        file = event.file("nmea")
        answer, places = tracks.answer(files.content(file).head), list(files.way(file))
        track = Entry(tracks.ASKED, fetched_at(day), answer, str(which))
        into.put_answers(PROVIDER, TRACKS, day, event.uuid, [track])
        into.points += len(places)
        into.truth.show(Name(PROVIDER, day, event.uuid), str(person.number), places)

    def _entry(self, asked: str, day: date, told: Json, which: str | None = None) -> Entry:
        body = orjson.dumps(self._api.envelope("S00000", "", told))
        return Entry(asked, fetched_at(day), body, which)
