"""Which members of what providers send name somebody, and whom."""

import pytest

from telematics import people
from telematics.identities import OURS
from telematics.people import Identity


@pytest.mark.parametrize(
    ("provider", "member", "text", "whom"),
    [
        ("sentiance", "user_id", "s-1", Identity("sentiance", "s-1")),
        ("sentiance", " userId ", "s-1", Identity("sentiance", "s-1")),
        ("sentiance", "metadata_user_id", "anna", Identity(OURS, "anna")),
        ("sentiance", "external_id", "anna", Identity(OURS, "anna")),
        ("move", "contractId", "m-1", Identity("move", "m-1")),
        ("move", "userId", "42", Identity("move", "42")),
        ("move", "trip", "20230604T080000.000Z-1000-m-1", Identity("move", "m-1")),
        ("move", "trip", "20230604T080000.000Z-1000-m~2F1", Identity("move", "m/1")),
        ("dashcam", "driver_id", "d-1", Identity("dashcam", "d-1")),
        ("dashcam", "driverId", "d-1", Identity("dashcam", "d-1")),
        ("dashcam", "person", "d-1", Identity("dashcam", "d-1")),
        ("zendrive", "user_id", "z-1", Identity("zendrive", "z-1")),
        ("zendrive", "driver_id", "z-1", Identity("zendrive", "z-1")),
        ("zendrive", "trip", "z%2F1/1685865600000", Identity("zendrive", "z/1")),
    ],
)
def test_a_member_names_somebody(provider: str, member: str, text: str, whom: Identity) -> None:
    assert people.person(provider, member, text) == whom


@pytest.mark.parametrize(
    ("provider", "member", "text"),
    [
        ("sentiance", "mode", "s-1"),
        ("sentiance", "user_id", ""),
        ("move", "trip", "no trip at all"),
        ("move", "productId", "1000"),
        ("dashcam", "device_id", "d-1"),
        ("zendrive", "trip", "one/two/three"),
        ("acme", "user_id", "a-1"),
    ],
)
def test_most_name_nobody(provider: str, member: str, text: str) -> None:
    assert people.person(provider, member, text) is None
