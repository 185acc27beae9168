"""Clips against the provider's simulator: links that expire, and devices that are away for days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from pydantic import SecretStr

from telematics.clips.storing import TYPES, Storing
from telematics.links import Policy
from telematics.media import Media
from telematics.providers.dashcam.client import connect
from telematics.providers.dashcam.clips import DashcamClips
from tests.sandbox.simulators.dashcam import SECRET
from tests.unit.clip_world import World, world
from tests.unit.simulated_dashcam import BASE, NOON, Simulator

__all__ = ["world"]

DRIVER = "driver-0001"
TWO_DAYS = 2 * 86_400
LINK_SECONDS = 900


@dataclass
class Fleet:
    """The lake's side and the provider's, on the same clock."""

    simulator: Simulator
    world: World

    def pass_by(self, seconds: float) -> None:
        self.simulator.now += seconds
        self.world.now = datetime.fromtimestamp(self.simulator.now, UTC)

    def asked(self) -> str:
        device = self.simulator.devices[DRIVER]
        return self.world.begun(device=device, at=NOON - 60)

    def followed(self, clip_id: str, seconds: int) -> list[str]:
        """What each look said, as long as there was only to wait."""
        said = []
        for wait in self.world.waits.until(seconds):
            self.pass_by(wait)
            said.append(self.world.polled(clip_id))
            if said[-1]:
                break
        return said

    @property
    def storing(self) -> Storing:
        return Storing(
            clips=self.world.clips,
            source=lambda: self.world.source,
            media=Media(self.world.media.zone),
            policy=Policy(frozenset(), local=frozenset({"simulator.test:80"}), types=TYPES),
            devices=self.world.devices,
            client=self.simulator.http,
            now=lambda: self.world.now,
        )

    def stored(self, clip_id: str) -> str:
        """How it ends, once each video is where the provider's is, byte by byte."""
        for index in range(len(self.world.clip(clip_id).announced)):
            assert self.storing.store(clip_id, index)["stored"]
        [task] = self.simulator.truth()["tasks"].values()
        found = {one.sha256 for one in self.world.clip(clip_id).videos}
        assert found == {one["sha256"] for one in task["videos"]}
        return self.world.finished(clip_id)


@pytest.fixture
def fleet(world: World) -> Iterator[Fleet]:
    simulator = Simulator()
    fields = {name: SecretStr(one) for name, one in SECRET.items()}
    api = connect(fields, base_url=BASE, client=simulator.http)
    world.source = cast(Any, DashcamClips(api))
    here = Fleet(simulator, world)
    here.pass_by(0)
    yield here
    simulator.http.close()


def test_a_link_that_expires_between_the_look_and_the_download_is_read_again(fleet: Fleet) -> None:
    clip_id = fleet.asked()
    assert fleet.followed(clip_id, 60)[-1] == "store"
    told = fleet.world.source.progress(fleet.world.clip(clip_id)).videos
    fleet.pass_by(LINK_SECONDS + 1)
    for video in told:
        assert fleet.simulator.http.get(video.url.get_secret_value()).status_code == 403
    assert fleet.stored(clip_id) == "stored"


def test_a_link_that_expires_just_before_the_download_is_read_again(fleet: Fleet) -> None:
    clip_id = fleet.asked()
    assert fleet.followed(clip_id, 60)[-1] == "store"
    fleet.simulator.control("faults", fault="expired_url", at="media", count=1)
    assert fleet.stored(clip_id) == "stored"


def test_a_device_that_comes_online_after_two_days_still_delivers(fleet: Fleet) -> None:
    fleet.simulator.control("devices", device=DRIVER, state="offline")
    clip_id = fleet.asked()
    assert set(fleet.followed(clip_id, TWO_DAYS)) == {""}
    assert not fleet.world.clip(clip_id).has_begun
    fleet.simulator.control("devices", device=DRIVER, state="online")
    assert fleet.followed(clip_id, 1_800)[-1] == "store"
    assert fleet.stored(clip_id) == "stored"
