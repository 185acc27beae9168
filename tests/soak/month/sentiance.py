"""Sentiance's month: every file of every day."""

from datetime import date

from telematics.raw import RawKey
from tests.sandbox.simulators.people import Population
from tests.sandbox.simulators.sentiance.files import catalog, file
from tests.sandbox.simulators.sentiance.files.file import Edition
from tests.sandbox.simulators.sentiance.files.layout import event_id, user_id
from tests.sandbox.simulators.sentiance.files.source import PROVIDER, Source
from tests.soak.month.truth import Driven, Name
from tests.soak.month.world import Into


class Sentiance:
    """As its offloads have it. Each trip has its way with it."""

    def __init__(self, people: Population) -> None:
        self._people = people

    def store(self, day: date, into: Into) -> None:
        source = Source(self._people, day)
        for layout in catalog.LAYOUTS:
            _, content = file.made(Edition(layout, source))
            into.put(RawKey(PROVIDER, layout.name, day, layout.name, layout.format), content)
        for trip in source.trips():
            name = Name(PROVIDER, day, event_id(trip))
            into.truth.tell(name, Driven(user_id(trip.person), trip.distance_m))
            places = [(round(one.latitude, 5), round(one.longitude, 5)) for one in trip.way]
            into.truth.show(name, user_id(trip.person), places)
