"""Events that VisionMax is to discard: for good, and their driver's score gets better by it."""

from collections.abc import Mapping

from pydantic import SecretStr

from telematics.providers.dashcam import client
from telematics.providers.dashcam.client import Dashcam


class DashcamDiscards:
    """The account's events, one by one."""

    def __init__(self, api: Dashcam) -> None:
        self._api = api

    def driver(self, event: str) -> str:
        told = (one.about for one in self._api.event(event).elements)
        return next((one.driver or "" for one in told if one.uuid == event), "")

    def discard(self, event: str) -> None:
        self._api.discard(event)


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> DashcamDiscards:
    return DashcamDiscards(client.connect_shared(fields, base_url=base_url))
