"""An item as the API answers it: with features in every shape that has been seen."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeAlias

from tests.sandbox.simulators import city, routes
from tests.sandbox.simulators.chance import chance, identity
from tests.sandbox.simulators.move import SECRET
from tests.sandbox.simulators.move.timeline import IN_A_CAR, WITH_POINTS, Item
from tests.sandbox.simulators.trips import Trip

Json: TypeAlias = dict[str, object]

PHONE_TYPES = ("SWIPE_AND_TYPE", "PHONE_CALL", "PHONE_CALL_HANDS_FREE")
EVENT_TYPES = ("CORNERING", "ACCELERATION", "BRAKING")
TRANSPORTS = ("TRAIN", "TRAM", "BUS", "CAR", "METRO", "FAKETRIP")
SCORES = ("DFD", "SPEED", "ACCELERATION", "BRAKING", "CORNERING")
UNKNOWN_FEATURE = {"signalQuality": {"median": 0.83, "gaps": [{"after": 12, "seconds": 4.5}]}}
AREAS = tuple(
    (identity(32, "move", "area", number), name, *city.coordinates(east, north), radius)
    for number, (name, east, north, radius) in enumerate(
        (("Vaartkom", 300, 900, 200), ("School", -700, 250, 120), ("Tiensepoort", 900, -100, 150))
    )
)


@dataclass(frozen=True)
class Version:
    """What one version of the API calls product and contract."""

    product: str
    contract: str

    @property
    def is_old(self) -> bool:
        return self.product == "productId"


V1_5 = Version("productId", "contractId")
V20 = Version("projectId", "userId")


def rfc3339(moment: datetime) -> str:
    """With no more digits than the moment has: none, three or six."""
    digits = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    timespec = digits if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=timespec).removesuffix("+00:00") + "Z"


def described(item: Item, kind: str, trip: Trip | None, version: Version) -> Json:
    zones = {"startTimeZone": city.ZONE.key, "endTimeZone": city.ZONE.key}
    return {
        version.product: int(SECRET["product_id"]),
        version.contract: item.contract,
        "startTs": rfc3339(item.start),
        "endTs": rfc3339(item.end),
        **({} if version.is_old else zones),
        "type": kind,
        "features": _features(item, trip, version),
    }


def _features(item: Item, trip: Trip | None, version: Version) -> Json | list[Json]:
    if trip is None:
        return {"source": {"id": "", "name": "timeline"}}
    random = chance(trip.key, "move", "features")
    found: Json = {"source": {"id": str(random.randrange(10**6)), "name": "trip"}}
    if item.kind in WITH_POINTS | {"CAR"}:
        found |= {"startLocation": _place(trip.origin), "endLocation": _place(trip.destination)}
        found["phoneDistractions"] = _phone(item, random)
    if item.kind != "WALKING":
        found["transport"] = _transport(item, trip, random)
        found["gpsStats"] = _gps(trip)
    if item.kind in IN_A_CAR:
        found["drivingBehaviorEvents"] = _events(item, trip, random, version)
        found |= _scores(item, trip, random)
    if item.areas:
        is_camel = random.random() < 0.4 or not version.is_old
        found["dangerousAreas" if is_camel else "dangerous_areas"] = _areas(item)
    if random.random() < 0.1:
        found["metas"] = {"vehicle": f"V-{trip.person.number % 7}", "purpose": "commute"}
    if random.random() < 0.04:
        found["weather"] = {"condition": "rain", "temperature": 9.5}
    return _listed(found) if random.random() < 0.06 else found


def _listed(features: Json) -> list[Json]:
    """As in the reference's first example; there, a score comes in an envelope of its own."""
    scores = features.pop("scores", None)
    listed = [{name: value} for name, value in features.items()]
    if isinstance(scores, dict):
        listed.append({"@type": "score", "score": scores.get("score", scores)})
    return listed


def _place(place: city.Place) -> Json:
    latitude, longitude = city.coordinates(place.east_m, place.north_m)
    return {"lat": round(latitude, 6), "lon": round(longitude, 6)}


def _phone(item: Item, random: Random) -> Json:
    seconds, found = dict.fromkeys(PHONE_TYPES, 0), list[Json]()
    lasts_s = max(1, int((item.end - item.start).total_seconds() / (item.distractions + 1)))
    for number in range(item.distractions):
        name = random.choice(PHONE_TYPES)
        start = item.start + timedelta(seconds=number * lasts_s)
        length_s = random.randint(1, min(lasts_s, 90))
        end = start + timedelta(seconds=length_s)
        seconds[name] += length_s
        found.append({"type": name, "start": rfc3339(start), "end": rfc3339(end)})
    return {"distractions": found, "secondsPerType": seconds}


def _transport(item: Item, trip: Trip, random: Random) -> Json:
    """The probabilities need not agree with the type, and don't in the reference's own example."""
    likely = {"CYCLING": "BICYCLE", "DRIVING": "CAR"}.get(item.kind, item.kind)
    likely = "TRAIN" if trip.mode == "train" and item.kind == "DRIVING" else likely
    probabilities = {name: round(random.random() ** 6 * 0.2, 3) for name in TRANSPORTS}
    second = "BUS" if trip.mode == "bus" else "CAR"
    probabilities[likely if likely in TRANSPORTS else second] = round(random.uniform(0.5, 1), 3)
    return {"type": likely, "probabilities": probabilities}


def _gps(trip: Trip) -> Json:
    return {
        "distance": trip.distance_m,
        "maxSpeed": round(routes.top_speed_kmh(trip.way), 2),
        "averageSpeed": round(trip.distance_m / trip.duration_s * 3.6, 2),
    }


def _events(item: Item, trip: Trip, random: Random, version: Version) -> Json:
    found = list[Json]()
    for waypoint in sorted(random.choices(trip.way, k=item.events), key=lambda one: one.after_s):
        moment = item.start + timedelta(seconds=waypoint.after_s)
        when: Json = {"time": int(moment.timestamp())}
        found.append(
            {
                **(when if version.is_old else {"timestamp": rfc3339(moment)}),
                "type": random.choice(EVENT_TYPES),
                "strength": random.choice((1, 1, 1, 2, 2, 3)),
                "lat": round(waypoint.latitude, 6),
                "lon": round(waypoint.longitude, 6),
                "rawAccel": round(random.uniform(2.4, 6.5), 3),
            }
        )
    return {"events": found, "validTime": int(trip.duration_s * random.uniform(0.7, 1))}


def _scores(item: Item, trip: Trip, random: Random) -> Json:
    """Absent where they can't be calculated: not 0, and not 100."""
    if random.random() < 0.08:
        return {}
    level = 55 + 45 * trip.person.care
    scores = {name: min(100, round(random.gauss(level, 8))) for name in SCORES}
    scores["DFD"] = max(0, 100 - 15 * item.distractions)
    if random.random() < 0.15:
        del scores["DFD"]
    if random.random() < 0.12:
        scores = {name: score for name, score in scores.items() if name in ("DFD", "SPEED")}
    if random.random() < 0.1:
        return {"scores": {"@type": "score", "score": scores}}
    return {"scores": scores}


def _areas(item: Item) -> Json:
    found = list[Json]()
    for digits, name, latitude, longitude, radius in AREAS[: item.areas]:
        area_id = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
        place = {"lat": round(latitude, 6), "lon": round(longitude, 6), "radius": radius}
        found.append({"id": area_id, "name": name, **place})
    return {"areas": found}
