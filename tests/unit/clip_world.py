"""All that a clip touches, in memory: tasks, buckets, a bus, a machine that waits, a provider."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from pydantic import SecretStr

from telematics import catalog
from telematics.callbacks import Callbacks
from telematics.clips.asking import Asking
from telematics.clips.claiming import Claiming, Desk
from telematics.clips.clip import Clip, Clips
from telematics.clips.devices import Devices
from telematics.clips.finishing import Finishing
from telematics.clips.polling import Polling
from telematics.clips.sources import Fate, Progress, Video
from telematics.clips.storing import TYPES, Storing
from telematics.clips.wishes import Wish, wish
from telematics.links import Policy
from telematics.media import Media
from telematics.tasks import Tasks
from telematics.waits import Waits
from tests.unit.dashcam_provider import DASHCAM
from tests.unit.fakes import FakeBus, FakeS3, FakeTable, refusal
from tests.unit.user_world import UserWorld

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
LINK = "https://media.example/secret-path/{}.mp4?X-Amz-Signature=abc123"
DETAIL: dict[str, Any] = {  # Any: JSON
    "provider": "dashcam",
    "device": "cid-0001",
    "camera": "ALL",
    "at": "2024-03-05T07:12:30Z",
    "duration_s": 30,
    "requester": "claims-desk",
    "reason": "claim 4711",
}
# What no log, exception, event or record may show.
SECRETS = ("secret-path", "X-Amz", "abc123")


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def movie(handler: bytes = b"vide") -> bytes:
    track = box(b"mdia", box(b"hdlr", bytes(8) + handler + bytes(12)))
    return box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak", box(b"tkhd", bytes(84)) + track))


def mp4(pictures: bytes = b"pictures", *, brand: bytes = b"isom") -> bytes:
    return box(b"ftyp", brand + bytes(4) + b"mp41") + movie() + box(b"mdat", pictures)


def video(camera: str, name: str = "", size: int | None = None) -> Video:
    return Video(camera, name or f"{camera}.mp4", SecretStr(LINK.format(camera)), size)


def progress(fate: Fate, *cameras: str, has_begun: bool = True, **more: Any) -> Progress:
    return Progress(fate, has_begun, videos=[video(one) for one in cameras], **more)


PENDING = progress(Fate.PENDING)
COMPLETE = progress(Fate.COMPLETE, "C_F", "C_I")


@dataclass
class Source:
    """Answers as told, the last for ever; what is an exception is raised."""

    answers: list[Progress | Exception] = field(default_factory=lambda: [COMPLETE])
    asking: list[str | Exception] = field(default_factory=list)
    asked: list[Clip] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)

    def ask(self, clip: Clip) -> str:
        self.asked.append(clip)
        answer = self.asking.pop(0) if self.asking else f"task-{len(self.asked)}"
        if isinstance(answer, Exception):
            raise answer
        return answer

    def progress(self, clip: Clip) -> Progress:
        self.looked.append(clip.provider_task)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class FakeSteps:
    """Keeps what waiting machines were told; `gone` is why nobody waits any more."""

    told: list[tuple[str, Any]] = field(default_factory=list)
    gone: str = ""

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803
        if self.gone:
            raise refusal(self.gone, "SendTaskSuccess")
        self.told.append((taskToken, json.loads(output)))


@dataclass
class World:
    """One provider's clips. Time passes when a test says so."""

    source: Source = field(default_factory=Source)
    table: FakeTable = field(default_factory=FakeTable)
    raw: FakeS3 = field(default_factory=FakeS3)
    media: FakeS3 = field(default_factory=FakeS3)
    bus: FakeBus = field(default_factory=FakeBus)
    steps: FakeSteps = field(default_factory=FakeSteps)
    users: UserWorld = field(default_factory=UserWorld)
    files: dict[str, Any] = field(default_factory=dict)  # Any: whatever httpx sends
    fetched: list[str] = field(default_factory=list)
    now: datetime = NOW
    waits: Waits = field(default_factory=lambda: Waits(10, 900))

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)

    @property
    def clips(self) -> Clips:
        return Clips(Tasks(cast(Any, self.table)))

    @property
    def callbacks(self) -> Callbacks:
        return Callbacks(cast(Any, self.steps))

    @property
    def finishing(self) -> Finishing:
        return Finishing(self.clips, self.raw.zone, self.bus.bus, lambda: self.now)

    @property
    def asking(self) -> Asking:
        return Asking(
            "dashcam",
            self.clips,
            lambda: self.source,
            self.finishing,
            self.waits,
            self.devices,
            lambda: self.now,
        )

    @property
    def devices(self) -> Devices:
        return Devices(Tasks(cast(Any, self.table)), self.users.gate())

    @property
    def polling(self) -> Polling:
        return Polling(
            self.clips, lambda: self.source, self.callbacks, self.waits, lambda: self.now
        )

    @property
    def storing(self) -> Storing:
        return Storing(
            clips=self.clips,
            source=lambda: self.source,
            media=Media(self.media.zone),
            policy=Policy(frozenset({"media.example"}), types=TYPES),
            devices=self.devices,
            client=httpx.Client(transport=httpx.MockTransport(self._download)),
            now=lambda: self.now,
        )

    @property
    def desk(self) -> Desk:
        return Desk(Claiming(self.clips, self.devices), self.bus.bus)

    def wish(self, **other: Any) -> Wish:
        return wish(DETAIL | other, provider="dashcam", now=self.now)

    def begun(self, execution: str = "run-1", **other: Any) -> str:
        """The id of a clip that the provider has a task for."""
        begun = self.asking.begin({"detail": DETAIL | other, "execution": execution})
        assert begun["next"] == "poll"
        return begun["clip_id"]

    def polled(self, clip_id: str, token: str = "task-token-1") -> str:  # noqa: S107
        return self.polling.poll(clip_id, token)["next"]

    def finished(self, clip_id: str, execution: str = "run-1", **how: bool) -> str:
        return self.finishing.finish(clip_id, execution, **how)["state"]

    def clip(self, clip_id: str) -> Clip:
        found = self.clips.get(clip_id)
        assert found is not None
        return found

    def ready(self, *cameras: str, **more: Any) -> str:
        """A clip whose videos are to be stored."""
        self.source.answers = [progress(Fate.COMPLETE, *(cameras or ("C_F",)), **more)]
        clip_id = self.begun()
        assert self.polled(clip_id) == "store"
        return clip_id

    def _download(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit("/", maxsplit=1)[-1].removesuffix(".mp4")
        self.fetched.append(name)
        answer = self.files.get(name, mp4())
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        headers = {"content-type": "video/mp4", "content-length": str(len(answer))}
        return httpx.Response(200, content=iter([answer]), headers=headers)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setitem(cast(dict[str, Any], catalog.PROVIDERS), "dashcam", DASHCAM)
    here = World()
    yield here
    records = [body for key, body in here.raw.objects.items() if "/clips/" in key]
    told = repr((here.bus.put, records, here.table.items))
    assert not any(secret in told for secret in SECRETS)
