"""VisionMax's events, reports and uploads, its webhooks, and our footage, as tables.

`day` is the day on which an event happened, UTC. Units are named where the provider names them, in
its own words: `speed_kph`. Links are nowhere: they are keys, and soon good for nothing.

What a list and a detail both tell of an event is in `events`, from either; what only one of them
tells has a table of its own. So each column has one source, and the order in which answers are
loaded makes no difference.
"""

from telematics.datasets import Column, Dataset, integer, number, text, timestamp

WEBHOOK = "messages"  # the webhook, and the raw dataset of its deliveries
UUID = "uuid"
FETCHED = timestamp("fetched_at")
VERSION = (FETCHED, text("digest"))
MAKER = "device_cid"


def seconds(source: str, name: str = "") -> Column:
    """UNIX seconds, as an instant."""
    return timestamp(source, name, per_second=1)


IDENTITY = (text(UUID),)  # of whatever has one itself
EVENT = (
    integer("car_id"),
    integer("clicked_count"),
    text(MAKER),
    integer("driver_id"),
    text("driver_name"),
    integer("driver_status"),
    text("expired"),
    integer("expiry"),
    text("is_new"),
    number("lat"),
    number("lng"),
    text("name"),
    integer("recording_id"),
    integer("severity_level"),
    integer("tag"),
    text("ticket"),
    text("ticket_linked"),
    seconds("timestamp"),
    integer("trip_id"),
    integer("type"),
    text("type_name"),
    integer("upload_status"),
    integer("video_uploaded"),
    integer("videos_count"),
    integer("videos_total_count"),
)
LISTED = (
    text("asset_info.uploading", "asset_uploading"),
    text("asset_info.has_video", "asset_has_video"),
)
ASSET_COUNTS = (
    text("event_assets.capture_mode.snapshot", "snapshot_capture_modes"),
    text("event_assets.capture_mode.video", "video_capture_modes"),
    integer("event_assets.total_snapshots", "total_snapshots"),
    integer("event_assets.total_videos", "event_assets_total_videos"),
)
SPEEDS = ("over_speed_kph", "over_speed_severity", "speed_kph", "speed_limit_kph")
DETAILED = (
    integer("coaching_id"),
    integer("comments_count"),
    text("is_highlight"),
    integer("organization_id"),
    *(number(name) for name in SPEEDS),
    text("session_id"),
    text("session_type"),
    text("speed_data.is_over_speed", "speed_data_is_over_speed"),
    *(number(f"speed_data.{name}", f"speed_data_{name}") for name in SPEEDS),
    integer("total_videos"),
    *ASSET_COUNTS,
)
# Whether these are times or places in the video is not documented, so they are as they came.
ASSETS = (
    text("device_name"),
    number("duration"),
    number("end_timestamp"),
    number("event_timestamp"),
    integer("expiry"),
    integer("id"),
    number("nmea_should_start_at"),
    number("nmea_should_end_at"),
    integer("organization_id"),
    number("start_timestamp"),
    text("ticket"),
    text("ticket_linked"),
    seconds("timestamp"),
    text("title"),
    integer("type"),
    number("video_start_timestamp"),
    number("video_end_timestamp"),
    number("video_triggered_timestamp"),
    integer("video_uploaded"),
    integer("videos_total_count"),
    integer("videos_count"),
    *ASSET_COUNTS,
)
VIDEO = (
    integer("video_id"),
    text("capture_mode"),
    text("origin_file_name"),
    text("general_format"),
    integer("general_filesize"),
    number("general_duration"),
    number("video_streamorder"),
    text("video_codecid"),
    number("video_duration"),
    number("video_bitrate"),
    integer("video_width"),
    integer("video_height"),
    number("video_framerate"),
    text("video_colorspace"),
    number("audio_streamorder"),
    text("audio_format"),
    text("audio_codecid"),
    number("audio_duration"),
    number("audio_bitrate"),
    number("audio_bitrate_nominal"),
    number("video_start_at"),
    number("video_end_at"),
)
SNAPSHOT = (text("capture_mode"), text("ticket"))
REPORT = (
    text("report"),
    text("section"),
    text("since"),
    text("until"),
    text("tz"),
    text("category"),
    text("trend_type"),
    integer("type"),
    integer("count"),
    integer("lv_1"),
    integer("lv_2"),
    integer("lv_3"),
    number("total_distance"),
    number("total_idling"),
    number("total_time"),
    integer("total_trips"),
)
UPLOAD = (
    integer("clicked_count"),
    text(MAKER),
    text("event_name"),
    text("expired"),
    integer("expiry"),
    integer("id"),
    text("is_new"),
    number("lat"),
    number("lng"),
    text("name"),
    integer("recording_id"),
    integer("tag"),
    text("ticket"),
    seconds("timestamp"),
    integer("trip_id"),
    integer("type"),
    text("type_name"),
    text("last_ack_message.code", "ack_code"),
    text("last_ack_message.desc", "ack_desc"),
    text("last_ack_message.state", "ack_state"),
    seconds("last_ack_message.report_at", "ack_report_at"),
    text("last_ack_message.state_desc", "ack_state_desc"),
    text("last_ack_message.progress_status", "ack_progress_status"),
    number("video_data.time_lapse_rate", "time_lapse_rate"),
    text("video_data.time_lapse", "time_lapse"),
    integer("task_state"),
    number("recording_start_time"),
)
DELIVERY = (text("type", "envelope_type"), text("hookName", "hook_name"), text("kid"))
MESSAGE = (
    text("device_sn"),
    text(MAKER),
    number("gps.lat", "lat"),
    number("gps.lng", "lng"),
    number("gps.alt", "alt"),
    number("gps.speed", "speed"),
    number("gps.direction", "direction"),
    seconds("timestamp"),
    integer("event_type"),
    text("event_name"),
    text("ticket"),
    text("severity_level"),
    text("task_id"),
    integer("snapshots.count", "snapshots_count"),
    text("snapshots.capture_mode", "snapshots_capture_mode"),
    integer("video.count", "video_count"),
    text("video.capture_mode", "video_capture_mode"),
    text("nfc.id", "nfc_id"),
)
CLIP = (
    text("clip_id"),
    text(MAKER),
    text("requested_camera"),
    timestamp("requested_for"),
    integer("duration_s"),
    timestamp("requested_at"),
    text("requester"),
    text("reason"),
    text("task_id"),
    text("outcome"),
    text("outcome_reason"),
    timestamp("ended_at"),
)
FILE = (
    text("camera"),
    text("missing_because"),
    text("media_key"),
    text("sha256"),
    integer("bytes"),
    text("content_type"),
    text("file_name"),
    timestamp("stored_at"),
)
POINT = (
    timestamp("timestamp"),
    number("lat"),
    number("lng"),
    number("altitude_m"),
    number("speed_mps"),
    number("heading_degrees"),
    integer("satellites"),
    number("hdop"),
)

# What is a part comes after what it is part of.
DATASETS = (
    Dataset("events", (text(UUID), *VERSION, *EVENT), key=UUID, folder=UUID),
    Dataset("event_listings", (text(UUID), *VERSION, *LISTED), key=UUID),
    Dataset("event_details", (text(UUID), *VERSION, *DETAILED), key=UUID),
    Dataset("event_assets", (text(UUID), *VERSION, text(MAKER), *ASSETS), key=UUID),
    Dataset(
        "event_videos",
        (text(UUID), FETCHED, text(MAKER), *VIDEO),
        key=UUID,
        part_of="event_assets",
    ),
    Dataset(
        "event_snapshots",
        (text(UUID), FETCHED, text(MAKER), *SNAPSHOT),
        key=UUID,
        part_of="event_assets",
    ),
    Dataset("points", (text(UUID), *VERSION, text(MAKER), *POINT), key=UUID),
    Dataset("safety_report", (*REPORT, *VERSION), key="report"),
    Dataset("manual_uploads", (text(UUID), *VERSION, *UPLOAD), key=UUID),
    Dataset(
        "webhook_messages", (text("message_id"), *VERSION, *DELIVERY, *MESSAGE), key="message_id"
    ),
    Dataset("clips", (*CLIP, *VERSION, *FILE), key="clip_id", folder="clip_id"),
)
