"""What there is: what tests count in the lake against.

GET /_simulator/truth?from=2023-06-04&to=2023-06-05 tells of days, UTC, in which events happened:
{"events": {day: n}, "manual_uploads": {day: n}, "videos": {day: n}}, as the API would by now.
Always there are {"tasks": {id: {"driver", "device", "uuid", "at", "camera", "state", "asked_at",
"videos"}}} and {"crashes": {uuid: {"driver", "device", "timestamp", "videos"}}}, where videos are
those that there will be: [{"capture_mode", "kind", "bytes", "sha256"}], as they are downloaded when
nothing fails.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from tests.sandbox.simulators.dashcam import files
from tests.sandbox.simulators.dashcam.events import MANUAL, Event, device_cid
from tests.sandbox.simulators.dashcam.files import File
from tests.sandbox.simulators.dashcam.world import World

Json = dict[str, object]


def told(world: World, first: date | None, last: date | None) -> Json:
    now, added = world.clock.now(), world.fleet.added()
    tasks, crashes = dict[str, Json](), dict[str, Json]()
    for event in added:
        person = event.person
        about: Json = {"driver": person.user_id, "device": device_cid(person)}
        about["videos"] = [_described(file) for file in event.files]
        if task := event.task:
            state = task.steps(now)[-1][1].state
            about |= {"uuid": event.uuid, "state": state, "asked_at": task.asked_at}
            about |= {"at": _spelt(task.wish.target_timestamp), "camera": task.wish.cam_id}
            tasks[task.id] = about
        else:
            crashes[event.uuid] = about | {"timestamp": event.timestamp}
    days = _of_days(world, first, last) if first and last else {}
    return {**days, "tasks": tasks, "crashes": crashes}


def _spelt(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _of_days(world: World, first: date, last: date) -> Json:
    since = datetime.combine(first, time(), UTC).timestamp()
    until = datetime.combine(last, time.max, UTC).timestamp()
    known = list(world.fleet.between(since, until))
    return {
        "events": _by_day(event for event in known if event.type != MANUAL),
        "manual_uploads": _by_day(event for event in known if event.type == MANUAL),
        "videos": _by_day(event for event in known for _ in world.teller.videos(event)),
    }


def _by_day(events: Iterable[Event]) -> Counter[str]:
    return Counter(
        datetime.fromtimestamp(event.timestamp, UTC).date().isoformat() for event in events
    )


def _described(file: File) -> Json:
    return {
        "capture_mode": file.capture_mode,
        "kind": file.kind,
        "bytes": files.content(file).size,
        "sha256": files.sha256(file),
    }
