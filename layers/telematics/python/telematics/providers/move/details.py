"""The details of MOVE's timeline items: the items and, of drives and rides, their points."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import msgspec
from pydantic import SecretStr

from telematics import versions
from telematics.enrichment.envelope import Entry
from telematics.enrichment.sources import Details, Fate, Listed, Wanted
from telematics.errors import (
    Forbidden,
    InvalidRequest,
    MalformedPayload,
    NotFound,
    ProviderBusy,
    ProviderRefused,
    TelematicsError,
)
from telematics.providers.move import client, deliveries, items
from telematics.providers.move.answers import Answers, Item
from telematics.providers.move.client import Move
from telematics.providers.move.trip_id import TripId
from telematics.providers.move.wire import KeysRefused

DATASET, NOTIFIED = "timeline_items", "notifications"
HAVE_POINTS = frozenset({"DRIVING", "CYCLING"})
# What was notified as a drive may be a CAR in the API's other vocabulary: nobody says whether such
# an item has points, so they are asked for, and a refusal is no surprise.
MAY_HAVE_POINTS = frozenset({"CAR"})
AT_ONCE = 8


class _Typed(msgspec.Struct):
    type: str | None = None


_typed = msgspec.json.Decoder(_Typed)


class MoveDetails:
    """Items are asked for in batches, points one by one but several at once."""

    def __init__(self, move: Move, *, most: int) -> None:
        self._move = move
        self.most = most

    def wanted(self, dataset: str, body: bytes) -> list[Wanted | None]:
        """The trips that a notification tells of; None in place of what can't be read."""
        return [_wanted(content) for content in deliveries.split(dataset, body)]

    def details(self, wanted: Sequence[Wanted], *, now: datetime) -> Details:
        trips = {TripId.parse(one): one for one in wanted}
        ours = [trip for trip in trips if trip.product == self._move.product_id]
        foreign = {trips[trip]: "of another product" for trip in trips.keys() - set(ours)}
        answers = self._move.batch(ours) if ours else Answers()
        entries = [Entry(one.asked, now, one.body) for one in answers.answers]
        # A fraction of the start may be told here and not there.
        found = {(one.trip.contract, one.trip.seconds): one for one in answers.items}
        came = {trip: found.get((trip.contract, trip.seconds)) for trip in ours}
        absent = {
            trips[trip]: _absence(answers.refused.get(trip))
            for trip, item in came.items()
            if item is None
        }
        asked = {trips[trip]: item for trip, item in came.items() if item is not None}
        return self._with_points(entries, absent | foreign, asked, now)

    def listing(self, person: str, *, first: datetime, last: datetime) -> list[Listed]:
        return [
            Listed(str(one.trip), _digest(one.body), one.body)
            for one in self._move.items(person, first=first, last=last).items
        ]

    def of_listed(self, listed: Sequence[Listed], *, now: datetime) -> Details:
        if not listed:
            return Details()
        body = b"[" + b",".join(one.body for one in listed) + b"]"
        asked = {one.key: Item(TripId.parse(one.key), one.body) for one in listed}
        return self._with_points([Entry("items", now, body)], {}, asked, now)

    def _with_points(
        self,
        entries: list[Entry],
        absent: Mapping[Wanted, Fate | str],
        items: Mapping[Wanted, Item],
        now: datetime,
    ) -> Details:
        fates: dict[Wanted, Fate | str] = dict(absent)
        busy: ProviderBusy | None = None
        types = {key: _type(item) for key, item in items.items()}
        having = [key for key, kind in types.items() if kind in HAVE_POINTS | MAY_HAVE_POINTS]
        trips = [items[key].trip for key in having]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answered = zip(having, trips, pool.map(self._points, trips), strict=True)
        for key, trip, answer in answered:
            if isinstance(answer, bytes):
                entries.append(Entry("points", now, answer, trip=str(trip)))
            elif isinstance(answer, ProviderBusy):
                fates[key], busy = Fate.BUSY, answer
            elif types[key] in HAVE_POINTS:
                fates[key] = _absence_of_points(answer)
        return Details(
            entries,
            {key: fate for key, fate in fates.items() if isinstance(fate, Fate)},
            {key: fate for key, fate in fates.items() if not isinstance(fate, Fate)},
            busy,
        )

    def _points(self, trip: TripId) -> bytes | TelematicsError:
        try:
            return self._move.points(trip).body
        except KeysRefused:
            raise
        except (ProviderRefused, ProviderBusy, InvalidRequest) as error:
            return error


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> MoveDetails:
    """With a secret at hand. Its own `base_url`, where it has one, wins over the given one."""
    move = client.connect(fields, base_url=base_url)
    return MoveDetails(move, most=move.batch_size)


def _wanted(content: msgspec.Raw) -> Wanted | None:
    try:
        item = deliveries.timeline_item(content)
        return str(TripId(items.utc(item.start), item.product, item.contract))
    except (MalformedPayload, OverflowError):
        return None


def _digest(body: bytes) -> str:
    """As the lake has it; of what can't be read, that of its bytes."""
    try:
        return items.understood(body).digest
    except versions.NOT_READABLE:
        return versions.digest(body)


def _type(item: Item) -> str | None:
    try:
        return _typed.decode(item.body).type
    except versions.NOT_READABLE:
        return None


def _absence(error: TelematicsError | None) -> Fate | str:
    match error:
        case None | NotFound():
            return Fate.UNKNOWN
        case Forbidden():
            return "blocked"
        case _:
            return "refused"


def _absence_of_points(error: TelematicsError) -> Fate | str:
    match error:
        case NotFound():
            return Fate.INCOMPLETE
        case Forbidden():
            return "blocked"
        case _:
            return "without points"
