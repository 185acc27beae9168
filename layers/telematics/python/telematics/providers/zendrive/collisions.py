"""Zendrive as a source of the details of collisions, and what it tells of them by itself."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import SecretStr

from telematics.collisions.sources import Noticed, Question
from telematics.http import Patience
from telematics.providers.zendrive import about, client, deliveries
from telematics.providers.zendrive.client import Zendrive

ONCE = Patience(attempts=1)  # the machine is patient, and costs nothing while it waits


class ZendriveCollisions:
    """202 says that it is taken; the answer comes to the address in the question."""

    def __init__(self, api: Zendrive) -> None:
        self._api = api

    def ask(self, question: Question) -> None:
        self._api.ask_collision(
            question.driver,
            question.day,
            question.answer_to.get_secret_value(),
            at=question.at,
            latitude=_degrees(question.latitude),
            longitude=_degrees(question.longitude),
        )


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> ZendriveCollisions:
    return ZendriveCollisions(client.connect(fields, base_url=base_url, patience=ONCE))


def noticed(body: bytes) -> Noticed | None:
    """Without a driver or a time nothing can be asked for."""
    found = deliveries.notification(body)
    driver, collision = found.id("driver_id"), found.id("collision_id")
    at = about.moment(collision or "") or found.time
    if found.type != deliveries.COLLISION or not driver or at is None:
        return None
    return Noticed(driver, collision or f"{round(at.timestamp() * 1000)}", at)


def _degrees(one: Decimal | None) -> float | None:
    return None if one is None else float(one)
