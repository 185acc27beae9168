"""What four providers told of two days of Anna, whom all of them know, and of some others."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
SECOND_OFFSET = "+01:00"
Row = Mapping[str, object]


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, second, tzinfo=UTC)


def clock(hour: int, minute: int = 0, second: int = 0) -> str:
    return f"2026-03-02T{hour + 1:02}:{minute:02}:{second:02}{SECOND_OFFSET}"


WAYPOINTS = {
    "waypoints": [
        {"latitude": 50.1, "longitude": 4.1, "timestamp": clock(7)},
        {"latitude": 50.2, "longitude": 4.2, "timestamp": clock(7, 10)},
    ]
}
MAPPED = [
    {
        "latitude": 50.1 + minute / 100,
        "longitude": 4.1,
        "speed_v2": 36.0,
        "speedlimit": 50,
        "waypoint_timestamp": clock(7, minute),
    }
    for minute in (0, 5, 10)
]
EVENTS = [
    {"type": "accelerating", "start": clock(7, 1), "end": clock(7, 1, 2), "magnitude": 4.5},
    {"type": "braking", "start": clock(7, 2), "magnitude": -1.5, "duration": 2.5},
    {"type": "speeding", "start": clock(7, 3), "speed_limit": 50, "top_speed": 72.0},
    {"type": "screen", "start": clock(7, 4), "duration": 12.0},
    {"type": "mounted", "start": clock(7, 5), "latitude": 50.1, "longitude": 4.1},
]
CRASH = {
    "timestamp": int(at(7, 9).timestamp() * 1000),
    "timezoneOffset": 60,
    "confidence": 95,
    "maxMagnitude": 4903.325,
    "speedAtImpact": 16.0,
    "waypoint": {"location": {"latitude": 50.1, "longitude": 4.1}, "direction": -1},
}
INSIGHTS = {
    "event_id": "e3",
    "transport": json.dumps({"end": clock(10)}),
    "safety_scores": json.dumps({"overall": 0.5, "legal": -1, "harsh_braking": 0.25}),
    "harsh_driving_events": json.dumps([{"type": "braking", "start": clock(9), "magnitude": -6}]),
    "phone_usage_events": "[]",
    "call_while_moving_events": json.dumps([{"type": "call", "start": clock(9), "duration": 60}]),
    "speeding_events": None,
}
TURNING = [{"type": "turning", "start": clock(9), "magnitude": 3.5}]
TRIP = {"event_id": "e1", "start": at(7), "end": at(7, 10), "mode": "car"}
ROWS: Mapping[str, Mapping[date, list[Row]]] = {
    "sentiance_transports": {
        MONDAY: [
            {**TRIP, "who": "s-anna", "distance_m": 5_000.0},
            {
                "who": "s-bob",
                "event_id": "e2",
                "start": at(8),
                "end": at(8, 30),
                "mode": "biking",
                "waypoints": '{"way',
                "top_speed": "fast",
            },
            {"who": "s-bob", "mode": "insufficient_data"},
            {"who": "s-bob", "mode": None},
        ],
        # Told again, and otherwise.
        TUESDAY: [
            {
                **TRIP,
                "who": "s-anna",
                "occupant_role": "driver",
                "distance_m": 6_000.0,
                "duration_s": 600.0,
                "top_speed": "72.0",
                "waypoints": json.dumps(WAYPOINTS),
            },
            {"who": "s-cid", "event_id": "e5", "waypoints": json.dumps(WAYPOINTS), "mode": "ferry"},
        ],
    },
    "sentiance_trajectories": {
        MONDAY: [{**TRIP, "who": "s-anna", "mapped_waypoints": "[{}]"}],
        TUESDAY: [{**TRIP, "who": "s-anna", "mapped_waypoints": json.dumps(MAPPED)}],
    },
    "sentiance_driving_events_all": {
        TUESDAY: [
            {**TRIP, "who": "s-anna", "driving_events": json.dumps(EVENTS)},
            {"who": "s-bob", "event_id": "e2", "driving_events": "nonsense"},
        ]
    },
    "sentiance_driving_insights": {
        MONDAY: [{**INSIGHTS, "who": "s-cid"}],
        TUESDAY: [{**INSIGHTS, "event_id": "e1", "who": "s-anna"}],
    },
    "sentiance_driving_events_significant": {
        MONDAY: [
            {"who": "s-cid", "event_id": "e3", "driving_events": json.dumps(TURNING)},
            {"who": "s-cid", "event_id": "e4", "driving_events": json.dumps(TURNING)},
        ]
    },
    "sentiance_primary_safety_scores_transports": {
        MONDAY: [{**TRIP, "who": "s-anna", "overall": 0.1}],
        TUESDAY: [{**TRIP, "who": "s-anna", "overall": 0.8, "legal": 0.9}],
    },
    "sentiance_secondary_safety_scores_transports": {
        TUESDAY: [{**TRIP, "who": "s-anna", "harsh_braking": 0.4, "mounted": 0.3}]
    },
    "sentiance_primary_safety_scores_users": {
        MONDAY: [{"who": "s-anna", "timestamp": at(20), "overall": 0.6}]
    },
    "sentiance_secondary_safety_scores_users": {
        MONDAY: [{"who": "s-anna", "timestamp": at(20), "focus": 0.7}]
    },
    "sentiance_crash_insights": {
        MONDAY: [
            {
                "who": "s-anna",
                "reportid": "r1",
                "processingtime": at(7, 11),
                "crashevent": json.dumps(CRASH),
            }
        ],
        TUESDAY: [
            {
                "who": "s-anna",
                "reportid": "r1",
                "processingtime": at(8),
                "crashevent": json.dumps(CRASH),
                "transporteventid": "e1",
                "speedbeforeimpact": "18.0",
            },
            {"who": "s-bob", "reportid": "r2", "crashevent": "{"},
        ],
    },
    "move_timeline_items": {
        MONDAY: [
            {
                "who": "m-anna",
                "trip_id": "t1",
                "start_ts": at(12),
                "end_ts": at(12, 10),
                "type": "DRIVING",
                "transport_type": "CAR",
                "start_time_zone": "Europe/Vienna",
                "distance": 10_000.0,
                "max_speed": 90.0,
                "average_speed": 36.0,
                "score_dfd": 80.0,
                "score_speed": 0.0,
            },
            {"who": "m-anna", "trip_id": "t2", "type": "FAKETRIP", "score_dfd": 50.0},
            {"who": "m-anna", "trip_id": "t3", "type": "IDLE"},
            {"who": "m-bob", "trip_id": "t4", "type": "DRIVING", "transport_type": "TRAIN"},
            {"who": "m-bob", "trip_id": "t5", "type": "DRIVING", "transport_type": "FAKETRIP"},
            {"who": "m-bob", "trip_id": "t6", "type": "METRO", "transport_type": "CAR"},
            {"who": "m-bob", "trip_id": "t7", "start_time_zone": "Nowhere/At All"},
        ]
    },
    "move_driving_events": {
        MONDAY: [
            {
                "who": "m-anna",
                "trip_id": "t1",
                "time": at(12, 1),
                "type": "BRAKING",
                "strength": 2,
                "raw_accel": 3.0,
            }
        ]
    },
    "move_phone_distractions": {
        MONDAY: [
            {
                "who": "m-anna",
                "trip_id": "t1",
                "type": "PHONE_CALL_HANDS_FREE",
                "start_ts": at(12, 2),
                "end_ts": at(12, 3),
            }
        ]
    },
    "move_points": {
        MONDAY: [
            {
                "who": "m-anna",
                "trip_id": "t1",
                "timestamp": at(12),
                "lat": 48.2,
                "lon": 16.4,
                "speed": 45.0,
                "speed_limit": 54.0,
            }
        ]
    },
    "zendrive_trips": {
        MONDAY: [
            {
                "who": "z-anna",
                "trip_key": "z1-z-anna",
                "trip_id": "z1",
                "start_time": at(23),
                "end_time": at(23, 30),
                "start_utc_offset_minutes": -300,
                "distance_m": 9_000.0,
                "duration_s": 1_800.0,
                "user_mode": "driver",
                "drive_type": "driving",
                "vehicle_type": "Car",
            },
            {"who": "z-anna", "trip_key": "z2-z-anna", "trip_id": "z2", "drive_type": "driving"},
            {
                "who": "z-anna",
                "trip_key": "z3-z-anna",
                "trip_id": "z3",
                "drive_type": "non_driving",
            },
        ]
    },
    "zendrive_events": {
        MONDAY: [
            {
                "who": "z-anna",
                "trip_id": "z1",
                "event_type_name": "OVERSPEEDING",
                "start_time": at(23, 1),
                "end_time": at(23, 2),
                "max_driver_speed_mps": 20.0,
                "posted_speed_limit_mps": 14.0,
            },
            {"who": "z-anna", "trip_id": "z1", "event_type_name": "NEAR_COLLISION"},
        ]
    },
    "zendrive_gps_points": {
        MONDAY: [
            {
                "who": "z-anna",
                "trip_id": trip,
                "source": source,
                "time": at(23, minute),
                "utc_offset_minutes": -300,
                "latitude": 40.0,
                "longitude": -74.0,
                "speed_mps": 10.0,
                "heading_degrees": 90.0,
            }
            for trip, source, minute in (
                ("z1", "raw_gps", 1),
                ("z1", "raw_gps", 2),
                ("z1", "simple_path", 1),
                ("z2", "simple_path", 3),
            )
        ]
    },
    "zendrive_trip_scores": {
        MONDAY: [
            {
                "who": "z-anna",
                "trip_key": "z1-z-anna",
                "trip_id": "z1",
                "zendrive_score": 90.0,
                "hard_brake_rating": 3.0,
            }
        ]
    },
    "zendrive_collisions": {
        MONDAY: [
            {
                "who": "z-anna",
                "collision_key": "z1@1",
                "trip_id": "z1",
                "time": at(7, 9, 30),
                "utc_offset_minutes": 60,
                "latitude": 50.1,
                "longitude": 4.1,
                "current_speed_mps": 12.5,
                "g_force": 7.0,
                "confidence_number": 90.0,
                "confidence": "HIGH",
                "collision_severity": "HIGH",
                "airbag_deployed": True,
            }
        ]
    },
    "dashcam_events": {
        MONDAY: [
            {
                "who": "1",
                "uuid": f"u{type_}",
                "type": type_,
                "type_name": name,
                "severity_level": severity,
                "timestamp": at(7, 9),
                "trip_id": 77,
                "lat": 50.1,
                "lng": 4.1,
            }
            for type_, name, severity in (
                (1, "Impact", 3),
                (4, "Harsh Braking", 2),
                (5, "Start Up", 1),
                (11, "Forward Collision Warning", 0),
                (27, "Manual Upload", 1),
            )
        ]
    },
    "dashcam_event_details": {
        MONDAY: [{"who": "1", "uuid": "u1", "speed_kph": 36.0, "speed_limit_kph": 0.0}]
    },
    "dashcam_points": {
        MONDAY: [
            {
                "who": "1",
                "uuid": "u1",
                "timestamp": at(7, 9),
                "lat": 50.1,
                "lng": 4.1,
                "speed_mps": 11.0,
                "altitude_m": 30.0,
            }
        ]
    },
    "dashcam_clips": {
        TUESDAY: [
            {
                "who": None,
                "clip_id": "clip-1",
                "requested_camera": "ALL",
                "camera": "C_F",
                "requested_for": at(7, 9),
                "requested_at": at(9),
                "requester": "desk",
                "reason": "claim 1",
                "outcome": "stored",
                "bytes": 60_000,
                "duration_s": 30,
                "media_key": "dashcam/clip-1/C_F-a.mp4",
                "sha256": "ab" * 32,
            }
        ]
    },
    "dashcam_event_videos": {
        MONDAY: [
            {
                "who": "1",
                "uuid": "u1",
                "capture_mode": "C_F",
                "origin_file_name": "a b.mp4",
                "general_filesize": 70_000,
                "video_start_at": at(7, 9).timestamp(),
                "video_duration": 20.0,
            }
        ]
    },
}
LINKS = (
    ("anna", "sentiance", "s-anna"),
    ("anna", "move", "m-anna"),
    ("anna", "zendrive", "z-anna"),
    ("anna", "dashcam", "1"),
    ("bob", None, None),
)
