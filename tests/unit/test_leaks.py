"""What the integration tests look for in logs, histories and events is found where it stands."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, cast

import pytest

from tests.integration.leaks import Scan

LATITUDE = "50.8798"


class Planted(Scan):
    """Looks for three things in one text."""

    def __init__(self, text: str) -> None:
        super().__init__(cast(Any, None))
        object.__setattr__(self, "text", text)

    @cached_property
    def known(self) -> Mapping[str, str]:
        return {"driver-0001": "user", "a-secret-of-ours": "secret", LATITUDE: "coordinate"}

    def texts(self) -> Iterator[tuple[str, str]]:
        yield "a log", cast(Any, self).text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"message": "asked about driver-0001"}', "user"),
        ("GET /v1/users/driver-00017", "user"),
        ("key=a-secret-of-ours", "secret"),
        (f'{{"lat":{LATITUDE}12}}', "coordinate"),
        (f"at {LATITUDE}, 4.7", "coordinate"),
        (f"signed sha256={'A' * 43}=", "signature"),
        (f"authorization v1_{'b' * 43}=", "signature"),
        ("https://media.example/1.mp4?X-Amz-Signature=1", "signed link"),
        (f"POST /webhooks/zendrive/collisions/{'x' * 43}", "address of an answer"),
        ("APIKEY abcdefgh", "authorization"),
        ("authorization: Bearer abcdefghij", "authorization"),
    ],
)
def test_what_nobody_may_read_is_found_and_not_shown(text: str, kind: str) -> None:
    assert Planted(text).found() == [f"{kind} in a log"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 17:40:50.879812 notification enriched",
        "took 150.8798 ms",
        "took 0.50.8798",
        "sha256=abc",
        "users: 4",
        "POST /webhooks/zendrive/collisions/{token}",
    ],
)
def test_times_digests_and_numbers_are_none_of_it(text: str) -> None:
    assert Planted(text).found() == []
