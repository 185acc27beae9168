"""How much there is to do in a month, and what is assumed about how it comes."""

from dataclasses import dataclass, replace
from math import inf
from typing import Self

DAYS = 30
SECONDS = DAYS * 86_400


@dataclass(frozen=True, kw_only=True)
class Use:
    """`notified` is the share of users whose trips are notified as they are driven; those of all
    others come in files, once a day. Of what is not said, it follows from the number of users.
    """

    users: int
    trips_per_user_day: float = 3.0
    points_per_trip: float = 90.0  # every ten seconds of a quarter of an hour
    notified: float = 0.5
    claims_per_month: float
    queries_per_day: float
    reports_per_day: float
    months_kept: float = 12.0
    provider_seconds: float = 0.1

    @classmethod
    def of(cls, users: int, **said: float | None) -> Self:
        """Raises ValueError for what makes no sense."""
        if users < 0:
            raise ValueError(f"{users} users make no sense")
        made = cls(
            users=users,
            claims_per_month=users / 250,  # one user in twenty has one in a year
            queries_per_day=users / 2_000,
            reports_per_day=users / 100_000,
        )
        known = {name: value for name, value in said.items() if value is not None}
        for name, value in known.items():
            most = 1.0 if name == "notified" else inf
            if not 0 <= value <= most or value == inf:
                raise ValueError(f"{name.replace('_', ' ')}: {value:g} makes no sense")
        return replace(made, **known)  # type: ignore[arg-type]  # all of them are numbers

    @property
    def trips(self) -> float:
        return self.users * self.trips_per_user_day * DAYS

    @property
    def notified_trips(self) -> float:
        return self.trips * self.notified

    @property
    def filed_trips(self) -> float:
        return self.trips - self.notified_trips
