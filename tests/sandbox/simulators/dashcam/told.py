"""Events and their assets in the fields that the vendor documents."""

import math
from uuid import UUID

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.dashcam.clips import DONE, Json, Link, name_of, report, ticket, video
from tests.sandbox.simulators.dashcam.events import KINDS, SEVERITIES, Event, device_cid
from tests.sandbox.simulators.dashcam.files import File
from tests.sandbox.simulators.dashcam.fleet import Fleet

ORGANIZATION = 1001
_NOT_OF_MANUAL = frozenset(
    {
        *("car_id", "driver_avatar", "driver_id", "driver_name", "driver_status"),
        *("severity_level", "ticket_linked", "upload_status"),
        *("video_uploaded", "videos_count", "videos_total_count"),
    }
)


def number(*key: object) -> int:
    return int(identity(7, *key), 16)


class Teller:
    """Tells what is known by now."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def listed(self, event: Event) -> Json:
        has_some = bool(self.videos(event))
        is_uploading = self._uploaded(event) < len(event.files)
        info = {"uploading": is_uploading, "has_video": has_some}
        return {"asset_info": info, **self._shared(event)}

    def detail(self, event: Event) -> Json:
        over = max(0, event.speed_kph - event.limit_kph)
        speed = {
            "over_speed_kph": over,
            "over_speed_severity": min(3, over // 10),
            "speed_kph": event.speed_kph,
            "speed_limit_kph": event.limit_kph,
        }
        return {
            **self._shared(event),
            **speed,
            "coaching_id": 0,
            "comments_count": 0,
            "is_highlight": "",
            "organization_id": ORGANIZATION,
            "session_id": str(UUID(identity(32, event.trip_key, "session"), version=4)),
            "session_type": "trip",
            "speed_data": {"is_over_speed": over > 0, **speed},
            "total_videos": len(event.files),
            "event_assets": self._modes(event),
        }

    def assets(self, event: Event, link: Link) -> Json:
        (start, end), known = event.window, self.videos(event)
        shots = [] if self._is_expired(event) else [event.file("jpeg", c) for c in event.cameras]
        track = "" if self._is_expired(event) else link(event.file("nmea"))
        return {
            "device_name": name_of(event.person),
            "duration": end - start,
            "end_timestamp": end,
            "event_timestamp": event.timestamp,
            "expiry": self._days_left(event),
            "id": number(event.uuid),
            "nmea_should_end_at": end,
            "nmea_should_start_at": start,
            "nmea_url": track,
            "organization_id": ORGANIZATION,
            "snapshots": [
                {"capture_mode": f.capture_mode, "ticket": ticket(event.uuid), "url": link(f)}
                for f in shots
            ],
            "start_timestamp": start,
            "ticket": ticket(event.uuid),
            "ticket_linked": "",
            "timestamp": event.timestamp,
            "title": event.name,
            "type": event.type,
            "video_end_timestamp": end,
            "video_start_timestamp": start,
            "video_triggered_timestamp": event.timestamp,
            "videos": [{**video(f, link), "video_id": number(f.name)} for f in known],
            **self._counts(event),
            "event_assets": self._modes(event),
        }

    def manual(self, event: Event, link: Link) -> Json:
        """Of a clip also how far it is."""
        shared, now = self._shared(event), self._fleet.clock.now()
        steps = event.task.steps(now) if event.task else [(event.seen_at, DONE)]
        images = [event.file("jpeg", file.capture_mode) for file in self.videos(event)]
        return {
            **{name: value for name, value in shared.items() if name not in _NOT_OF_MANUAL},
            "event_name": event.name,
            "id": number(event.uuid),
            "images": [{"url": link(image)} for image in images],
            "last_ack_message": report(event.task, *steps[-1], reports_cameras=True),
            "video_data": {
                "time_lapse_rate": 30 if event.is_time_lapse else 0,
                "time_lapse": event.is_time_lapse,
            },
            "task_state": steps[-1][1].state,
            "recording_start_time": event.window[0],
        }

    def notice(self, event: Event, detail: str, *, videos: int) -> Json:
        """A webhook's message of an event; the vendor documents that of EVENT_TRIGGERED."""
        modes = event.cameras[:videos]
        latitude, longitude = event.place
        gps = {"lng": longitude, "lat": latitude, "alt": 28.0, "speed": event.speed_kph}
        return {
            "device_sn": identity(12, event.person.key, "serial").upper(),
            "device_cid": device_cid(event.person),
            "gps": {**{name: str(value) for name, value in gps.items()}, "direction": 0},
            "timestamp": event.timestamp,
            "event_type": event.type,
            "event_name": event.name,
            "ticket": ticket(event.uuid),
            "severity_level": SEVERITIES[event.severity - 1],
            "task_id": event.task.id if event.task else "",
            "detail": detail,
            "snapshots": {"count": len(event.cameras), "capture_mode": list(event.cameras)},
            "video": {"count": videos, "capture_mode": list(modes)},
            "nfc": {"id": ""},
        }

    def videos(self, event: Event) -> tuple[File, ...]:
        """None once they have expired."""
        knobs = self._fleet.knobs
        known = event.videos(self._fleet.clock.now(), knobs.asset_seconds)
        return () if self._is_expired(event) else known

    def _shared(self, event: Event) -> Json:
        person, (latitude, longitude) = event.person, event.place
        return {
            "car_id": 500_000 + person.number,
            "clicked_count": 0,
            "device_cid": device_cid(person),
            "driver_avatar": None,
            "driver_id": person.number,
            "driver_name": person.user_id,
            "driver_status": 1,
            "expired": self._is_expired(event),
            "expiry": self._days_left(event),
            "is_new": True,
            "lat": latitude,
            "lng": longitude,
            "name": name_of(event.person),
            "recording_id": number(event.uuid, "recording"),
            "severity_level": event.severity,
            "tag": 0,
            "ticket": ticket(event.uuid),
            "ticket_linked": "",
            "timestamp": event.timestamp,
            "trip_id": number(event.trip_key),
            "type": event.type,
            "type_name": KINDS[event.type].name,
            "upload_status": 2 if self._uploaded(event) == len(event.files) else 1,
            "uuid": event.uuid,
            **self._counts(event),
        }

    def _counts(self, event: Event) -> Json:
        uploaded = self._uploaded(event)
        counts = {"video_uploaded": uploaded, "videos_count": uploaded}
        return {**counts, "videos_total_count": len(event.files)}

    def _uploaded(self, event: Event) -> int:
        return len(event.videos(self._fleet.clock.now(), self._fleet.knobs.asset_seconds))

    def _modes(self, event: Event) -> Json:
        videos = [file.capture_mode for file in self.videos(event)]
        modes = {"snapshot": list(event.cameras), "video": videos}
        counts = {"total_snapshots": len(event.cameras), "total_videos": len(videos)}
        return {"capture_mode": modes, **counts}

    def _is_expired(self, event: Event) -> bool:
        return self._days_left(event) == 0

    def _days_left(self, event: Event) -> int:
        age_days = (self._fleet.clock.now() - event.timestamp) / 86_400
        return max(0, math.ceil(self._fleet.knobs.expiry_days - age_days))
