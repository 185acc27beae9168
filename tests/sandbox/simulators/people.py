"""The people whom every provider's simulator knows: the same seed makes the same people."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tests.sandbox.simulators import city
from tests.sandbox.simulators.chance import chance, identity, share
from tests.sandbox.simulators.city import Place

SHARE_LINKED = 0.8
_USUAL_MODES = ("car",) * 13 + ("biking",) * 3 + ("bus",) * 2 + ("train", "motorcycle")


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody, wherever they are known.

    `user_id` is what the insurer calls them; `key` starts every draw about them. `care` and
    `distraction` go from 0 to 1 and colour all they do on the road.
    """

    key: str
    number: int
    user_id: str
    home: Place
    work: Place
    haunts: tuple[Place, ...]
    usual_mode: str
    leaves_at_hour: float
    care: float
    distraction: float

    def identity(self, provider: str, digits: int = 24) -> str:
        """What that provider calls them."""
        return identity(digits, self.key, provider)

    def is_linked(self, provider: str) -> bool:
        """Does that provider know what the insurer calls them?"""
        return share(self.key, provider, "linked") < SHARE_LINKED


class Population:
    """So many people. Who they are doesn't depend on how many there are."""

    def __init__(self, seed: int, size: int) -> None:
        self.seed = seed
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Person]:
        return map(self.person, range(1, self.size + 1))

    def person(self, number: int) -> Person:
        """Also one that is not of the population, but would be of a larger one."""
        return _person(self.seed, number)


@lru_cache(maxsize=4096)
def _person(seed: int, number: int) -> Person:
    key = f"{seed}/{number}"
    random = chance(key)
    nearby = [city.place(random, nearest_m=300, farthest_m=5_000) for _ in range(3)]
    afar = city.place(random, nearest_m=12_000, farthest_m=28_000)
    return Person(
        key=key,
        number=number,
        user_id=f"driver-{number:04}",
        home=city.place(random, nearest_m=700, farthest_m=6_500),
        work=city.place(random, nearest_m=400, farthest_m=random.choice((3_000, 8_000, 24_000))),
        haunts=(*nearby, afar),
        usual_mode=random.choice(_USUAL_MODES),
        leaves_at_hour=random.gauss(7.8, 0.7),
        care=round(random.betavariate(6, 2), 3),
        distraction=round(random.betavariate(2, 6), 3),
    )
