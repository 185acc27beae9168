"""What dashcams notice, as it is drawn from somebody's drive."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tests.sandbox.simulators import crashes
from tests.sandbox.simulators.chance import chance, identity
from tests.sandbox.simulators.crashes import Crash
from tests.sandbox.simulators.dashcam.files import File
from tests.sandbox.simulators.dashcam.tasks import Task
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.trips import Trip

SENSOR, ADAS, SIGN, DMS = "Sensor Event", "AI (ADAS) Event", "Traffic sign", "AI (DMS) Event"
IMPACT, START_UP, MANUAL = 1, 5, 27
SEVERITIES = ("Minor", "Moderate", "Severe")
CAMERAS = ("C_F", "C_I")
BEFORE_S, VIDEO_S = 10, 20
SHARE_LATE, LATEST_S = 0.04, 172_800
SECONDS_TO_TELL = 10


class Kind(NamedTuple):
    """A type of event, and in which trend of the safety report it is."""

    name: str
    trend: str


# The vendor's numbers of Impact, Start Up and manual uploads are known; the others are made up.
KINDS = {
    IMPACT: Kind("Impact", SENSOR),
    3: Kind("Harsh Acceleration", SENSOR),
    4: Kind("Harsh Braking", SENSOR),
    START_UP: Kind("Start Up", SENSOR),
    8: Kind("Harsh Cornering", SENSOR),
    11: Kind("Forward Collision Warning", ADAS),
    15: Kind("Speed Camera Violation", SIGN),
    22: Kind("Distraction", DMS),
    MANUAL: Kind("Manual Upload", SENSOR),
}
_USUAL = (3, 4, 4, 4, 8, 8, 11, 11, 15, 22, 22, MANUAL)


@dataclass(frozen=True, eq=False)
class Event:
    """The provider knows it from `seen_at` on. The event of a clip has the task's videos."""

    uuid: str
    type: int
    person: Person
    timestamp: int
    seen_at: float
    place: tuple[float, float]
    trip_key: str
    speed_kph: int = 0
    limit_kph: int = 50
    severity: int = 1
    video_bytes: int = 0
    cameras: tuple[str, ...] = ()
    is_time_lapse: bool = False
    task: Task | None = None

    @property
    def name(self) -> str:
        return self.task.wish.file_name if self.task else KINDS[self.type].name

    @property
    def window(self) -> tuple[int, int]:
        """When its videos begin and end."""
        if self.task:
            return self.task.start, self.task.start + self.task.duration_s
        return self.timestamp - BEFORE_S, self.timestamp - BEFORE_S + VIDEO_S

    @property
    def files(self) -> tuple[File, ...]:
        if self.task:
            return self.task.files
        return tuple(self.file("mp4", camera) for camera in self.cameras)

    def videos(self, now: float, delay_s: float) -> tuple[File, ...]:
        """Those that have been uploaded, one after the other."""
        if self.task:
            return self.task.videos(now)
        times = (self.seen_at + delay_s * (number + 1) for number in range(len(self.cameras)))
        return self.files[: sum(time <= now for time in times)]

    def file(self, kind: str, camera: str = "") -> File:
        (start, end), (latitude, longitude) = self.window, self.place
        return File(
            f"{self.uuid}/{camera}",
            kind,
            start,
            camera,
            size=self.video_bytes,
            duration_s=end - start,
            latitude=latitude,
            longitude=longitude,
            speed_kph=self.speed_kph,
        )


def of_drive(trip: Trip, day: date, video_bytes: int) -> Iterator[Event]:
    """First the engine, then what goes wrong: the less care, the more."""
    random, way = chance(trip.key, "dashcam"), trip.way
    minutes = trip.duration_s / 60
    rough = 0.03 + 0.3 * (1 - trip.person.care)
    types = random.choices(_USUAL, k=min(9, int(random.expovariate(1 / (minutes * rough)))))
    moments = sorted(random.sample(range(1, trip.duration_s), len(types)))
    for number, (kind, after_s) in enumerate(zip((START_UP, *types), (0, *moments), strict=True)):
        point = way[after_s * (len(way) - 1) // trip.duration_s]
        timestamp = int(trip.start.timestamp()) + after_s
        is_late = random.random() < SHARE_LATE
        cameras = () if kind == START_UP else CAMERAS[: random.choice((1, 2, 2))]
        yield Event(
            uuid=named(trip.person, day, f"{trip.key}/{number}"),
            type=kind,
            person=trip.person,
            timestamp=timestamp,
            seen_at=timestamp + random.uniform(*((3_600, LATEST_S) if is_late else (3, 40))),
            place=(round(point.latitude, 6), round(point.longitude, 6)),
            trip_key=trip.key,
            speed_kph=round(point.speed_kmh),
            limit_kph=point.limit_kmh,
            severity=random.choice((1, 1, 1, 2, 2, 3)),
            video_bytes=round(video_bytes * random.uniform(0.6, 1.4)),
            cameras=cameras,
            is_time_lapse=kind == MANUAL and random.random() < 0.4,
        )
    if crash := crashes.of(trip):
        yield of_crash(crash, named(trip.person, day, f"{trip.key}/crash"), video_bytes)


def of_crash(crash: Crash, uuid: str, video_bytes: int) -> Event:
    """The impact, told at once."""
    place, timestamp = crash.place, int(crash.moment.timestamp())
    severity = crash.severity or crashes.SEVERITIES[0]
    return Event(
        uuid=uuid,
        type=IMPACT,
        person=crash.trip.person,
        timestamp=timestamp,
        seen_at=timestamp + SECONDS_TO_TELL,
        place=(round(place.latitude, 6), round(place.longitude, 6)),
        trip_key=crash.trip.key,
        speed_kph=round(place.speed_kmh),
        limit_kph=place.limit_kmh,
        severity=1 + crashes.SEVERITIES.index(severity),
        video_bytes=video_bytes,
        cameras=CAMERAS,
    )


def named(person: Person, day: date, key: str) -> str:
    """A UUID that says whose event it is, and of which day: so no event need be remembered."""
    return str(UUID(f"{person.number:08x}{day.toordinal():08x}{identity(16, key, 'event')}"))


def device_cid(person: Person) -> str:
    return str(UUID(f"{person.number:08x}{identity(24, person.key, 'dashcam')}"))


def read(name: str) -> tuple[int, int]:
    """The number of the person, and of the day if it is an event's."""
    try:
        digits = UUID(name).hex
    except ValueError:
        return 0, 0
    return int(digits[:8], 16), int(digits[8:16], 16)
