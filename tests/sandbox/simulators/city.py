"""A small city: places in metres from its market, as latitude and longitude, with addresses."""

import math
import random
from dataclasses import dataclass
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Brussels")
LATITUDE, LONGITUDE = 50.8798, 4.7005
METRES_PER_DEGREE = 111_320.0
_METRES_PER_DEGREE_EAST = METRES_PER_DEGREE * math.cos(math.radians(LATITUDE))

TOWNS = ((4_000.0, "3000 Leuven"), (9_000.0, "3020 Herent"), (25_000.0, "3300 Tienen"))
FAR_TOWN = "1000 Brussel"
STREETS = (
    *("Tiensestraat", "Naamsestraat", "Diestsestraat", "Brusselsestraat", "Kapucijnenvoer"),
    *("Vaartkom", "Stationsstraat", "Kerkstraat", "Molenweg", "Lindelaan", "Dorpsplein"),
    *("Schoolstraat", "Beukenlaan", "Nieuwstraat", "Veldweg", "Zandstraat", "Parkstraat"),
)


@dataclass(frozen=True)
class Place:
    """Somewhere a person goes."""

    east_m: float
    north_m: float
    address: str

    def distance_m(self, other: "Place") -> float:
        """As the crow flies."""
        return math.hypot(other.east_m - self.east_m, other.north_m - self.north_m)


def coordinates(east_m: float, north_m: float) -> tuple[float, float]:
    """Latitude and longitude."""
    return (
        LATITUDE + north_m / METRES_PER_DEGREE,
        LONGITUDE + east_m / _METRES_PER_DEGREE_EAST,
    )


def place(random: random.Random, *, nearest_m: float, farthest_m: float) -> Place:
    """Somewhere in a ring around the market."""
    return _at(random, 0.0, 0.0, random.uniform(nearest_m, farthest_m))


def near(random: random.Random, there: Place, *, within_m: float) -> Place:
    """A stop or a shop around the corner."""
    return _at(random, there.east_m, there.north_m, random.uniform(within_m / 3, within_m))


def _at(random: random.Random, east_m: float, north_m: float, distance_m: float) -> Place:
    direction = random.uniform(0, 2 * math.pi)
    east_m += distance_m * math.cos(direction)
    north_m += distance_m * math.sin(direction)
    from_market_m = math.hypot(east_m, north_m)
    town = next((town for reach, town in TOWNS if from_market_m <= reach), FAR_TOWN)
    return Place(east_m, north_m, f"{random.choice(STREETS)} {random.randint(1, 240)}, {town}")
