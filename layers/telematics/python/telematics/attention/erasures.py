"""People who have waited for their erasure for so long that the statutory month is ahead."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from telematics.attention.problem import Kind, Problem
from telematics.users import listing
from telematics.users.user import Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

LATE = timedelta(days=20)
MONTH = timedelta(days=30)


def waiting(users: "Table") -> list[datetime]:
    """Since when each of them does, the longest first."""
    return sorted(user.since for user in listing.everybody(users, Status.ERASING))


def late(users: "Table", *, now: datetime) -> Iterator[Problem]:
    these = [since for since in waiting(users) if now - since > LATE]
    if these:
        people = "1 person has" if len(these) == 1 else f"{len(these)} people have"
        yield Problem(
            Kind.ERASURE_LATE,
            "users",
            f"{people} waited for their erasure for up to {(now - these[0]).days} days;"
            f" the month is over on {(these[0] + MONTH).date()}",
            "telematics user list --status erasing",
            these[0] + LATE,
        )
