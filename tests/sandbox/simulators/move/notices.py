"""What the two notifiers say: which items there are, and what does not fit the timeline."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tests.sandbox.simulators import city
from tests.sandbox.simulators.chance import chance, identity
from tests.sandbox.simulators.move import SECRET
from tests.sandbox.simulators.move.features import Json, Version, rfc3339
from tests.sandbox.simulators.move.timeline import Item, Timeline, notified_kind

SHARE_WITH_PLACE, SHARE_WITH_WEATHER = 0.25, 0.1
BAD_ITEM: Json = {"productId": "?", "startTime": "yesterday", "type": 7}
MALFORMED = (b'{"elements": []}', b'"items"', b'{"items": "none"}', b'{"items": [')


class Notice(NamedTuple):
    """Of an item, or, with an id, of something beside it."""

    item: Item
    told: Json
    id: str = ""


def of_item(item: Item) -> Notice:
    told: Json = {"startTime": rfc3339(item.start), "endTime": rfc3339(item.end)}
    return Notice(item, {**told, "type": notified_kind(item)})


def beside(timeline: Timeline, item: Item) -> Iterator[Notice]:
    """Some trips end near a place of interest, some in bad weather."""
    if (trip := timeline.trip(item)) is None:
        return
    random, there = chance(trip.key, "move", "notices"), trip.destination
    moment = item.end.replace(microsecond=random.randrange(10**6))
    if random.random() < SHARE_WITH_PLACE:
        latitude, longitude = city.coordinates(there.east_m, there.north_m)
        place = {"lat": f"{latitude:.6f}", "lon": f"{longitude:.6f}", "tags": "shop,supermarket"}
        distance = str(random.randint(3, 90))
        data = {"distance": distance, "inTrip": "false", "name": "Market", **place}
        yield _generic(item, "POI", moment, data)
    if random.random() < SHARE_WITH_WEATHER:
        hour = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        data = {"movementtype": "parked/LIO", "origin": "airflow-weather", "weather": "Hail"}
        data |= {"predictedtime": str(int(hour.timestamp())), "location": there.address}
        yield _generic(item, "WEATHER_EVENT", moment, data)


def body(
    webhook: str, notices: Sequence[Notice], version: Version, *, has_bad_one: bool
) -> list[Json] | Json:
    """The timeline notifier wraps its list, the generic one does not."""
    product = {version.product: int(SECRET["product_id"])}
    told = [{**product, version.contract: one.item.contract, **one.told} for one in notices]
    listed = [BAD_ITEM, *told] if has_bad_one else told
    return {"items": listed} if webhook == "timeline" else listed


def _generic(item: Item, kind: str, moment: datetime, data: dict[str, str]) -> Notice:
    """All values are strings, times have microseconds."""
    name = str(UUID(identity(32, *item.key, kind), version=4))
    time = moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    return Notice(item, {"id": name, "time": time, "type": kind, "data": data}, name)
