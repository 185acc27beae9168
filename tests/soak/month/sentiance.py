"""Sentiance's month: every file of every day."""

from collections.abc import Sequence
from datetime import date

from telematics.raw import RawKey
from tests.sandbox.simulators.people import Population
from tests.sandbox.simulators.routes import Waypoint
from tests.sandbox.simulators.sentiance.files import catalog, file
from tests.sandbox.simulators.sentiance.files.file import Edition
from tests.sandbox.simulators.sentiance.files.layout import event_id, user_id
from tests.sandbox.simulators.sentiance.files.source import PROVIDER, Source
from tests.sandbox.simulators.trips import Trip
from tests.soak.month.truth import Driven, Name
from tests.soak.month.world import Into, has_points


class Told(Source):
    """As it is, but for where most trips went."""

    def way(self, trip: Trip) -> Sequence[Waypoint]:
        return trip.way if has_points(trip.key) else ()


class Sentiance:
    """As its offloads have it."""

    def __init__(self, people: Population) -> None:
        self._people = people

    def store(self, day: date, into: Into) -> None:
        source = Told(self._people, day)
        for layout in catalog.LAYOUTS:
            _, content = file.made(Edition(layout, source))
            into.put(RawKey(PROVIDER, layout.name, day, layout.name, layout.format), content)
        for trip in source.trips():
            name = Name(PROVIDER, day, event_id(trip))
            into.truth.tell(name, Driven(user_id(trip.person), trip.distance_m))
            if places := [(round(p.latitude, 5), round(p.longitude, 5)) for p in source.way(trip)]:
                into.points += len(places)
                into.truth.show(name, user_id(trip.person), places)
