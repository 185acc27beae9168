"""Dolphin MOVE's timeline as tables.

`day` is the day on which an item began, UTC. Distances, speeds, radii and accelerations carry no
unit in their names, because the reference gives none.
"""

from telematics.datasets import Column, Dataset, integer, number, text, timestamp

TRIP = "trip_id"
FETCHED = timestamp("fetched_at")
VERSION = (FETCHED, text("digest"))
WHICH = (text(TRIP), text("product_id"))
PERIOD = (timestamp("start_ts"), timestamp("end_ts"))
SCORES = ("DFD", "SPEED", "ACCELERATION", "BRAKING", "CORNERING")


def place(end: str) -> tuple[Column, ...]:
    return number(f"{end}_lat"), number(f"{end}_lon"), text(f"{end}_name")


TIMELINE_ITEMS = Dataset(
    "timeline_items",
    (
        *WHICH,
        *VERSION,
        *PERIOD,
        text("type"),
        *place("start"),
        *place("end"),
        text("start_time_zone"),
        text("end_time_zone"),
        text("source_id"),
        text("source_name"),
        text("transport_type"),
        text("transport_probabilities"),
        number("distance"),
        number("max_speed"),
        number("average_speed"),
        *(number(f"score_{name.lower()}") for name in SCORES),
        text("other_scores"),
        number("valid_time_s"),
        number("phone_call_s"),
        number("phone_call_hands_free_s"),
        number("swipe_and_type_s"),
        text("metas"),
        text("other_features"),
    ),
    key=TRIP,
)

DATASETS = (
    Dataset(
        "notifications",
        (
            text("notification_id"),
            text("product_id"),
            *VERSION,
            text("notifier"),
            text("type"),
            text("trip_id"),
            *PERIOD,
            timestamp("time"),
            text("data"),
        ),
        key="notification_id",
    ),
    TIMELINE_ITEMS,
    Dataset(
        "driving_events",
        (
            *WHICH,
            FETCHED,
            timestamp("time"),
            text("type"),
            integer("strength"),
            number("lat"),
            number("lon"),
            number("raw_accel"),
        ),
        key=TRIP,
        part_of="timeline_items",
    ),
    Dataset(
        "phone_distractions",
        (*WHICH, FETCHED, text("type"), *PERIOD),
        key=TRIP,
        part_of="timeline_items",
    ),
    Dataset(
        "dangerous_areas",
        (
            *WHICH,
            FETCHED,
            text("area_id"),
            text("name"),
            number("lat"),
            number("lon"),
            number("radius"),
        ),
        key=TRIP,
        part_of="timeline_items",
    ),
    Dataset(
        "points",
        (
            *WHICH,
            *VERSION,
            timestamp("timestamp"),
            number("lat"),
            number("lon"),
            number("speed"),
            number("speed_limit"),
            text("way_type"),
            number("road_lat"),
            number("road_lon"),
            text("dangerous_area_id"),
        ),
        key=TRIP,
    ),
)
