"""Sentiance's offloads as tables.

The headers of the current offload files are not published, so only what the reference documents of
their predecessors is declared here; every other column arrives as text, under its own name.
"""

from telematics.datasets import Column, Dataset, number, text, timestamp

NOT_ENOUGH_DATA = (-1.0,)


def scores(*sources: str) -> tuple[Column, ...]:
    """Scores, 0 (worst) to 1 (best); -1 stands for "not enough data"."""
    return tuple(number(source, missing=NOT_ENOUGH_DATA) for source in sources)


PERSON = (text("metadata_user_id"),)
PERIOD = (timestamp("start"), timestamp("end"))
TRANSPORT = (
    *PERSON,
    *PERIOD,
    text("event_id"),
    text("session_id"),
    text("mode"),
    text("occupant_role"),
    number("duration", "duration_s"),
    number("distance", "distance_m"),
    number("phone_handling", missing=NOT_ENOUGH_DATA),
    number("distance_during_annotations", missing=NOT_ENOUGH_DATA),
)
LEGACY_SCORES = scores(
    *("smooth", "legal", "anticipative", "focus", "mounted", "attention"),
    *("hard_events", "hard_accel", "hard_brake", "hard_turn"),
    *("legal_v2", "smooth_v2", "anticipative_v2", "aggr_v2", "anti_v2"),
)
PRIMARY_SCORES = scores("legal", "smooth", "attention", "overall")
SECONDARY_SCORES = scores(
    *("focus", "harsh_acceleration", "harsh_braking", "harsh_turning", "anticipation", "mounted"),
)
WAYPOINTS = (text("waypoints"), text("mapped_waypoints"))
# A list of events, as JSON; the events of insights are grouped as the SDK has them.
EVENTS = (text("driving_events"),)
INSIGHTS = (
    *PERSON,
    text("event_id"),
    text("transport"),
    text("safety_scores"),
    text("harsh_driving_events"),
    text("phone_usage_events"),
    text("call_while_moving_events"),
    text("speeding_events"),
)
# As in the predecessor's crash reports, of which a crash has several, each knowing more.
CRASH = (
    text("reportId"),
    timestamp("processingTime"),
    text("appId"),
    text("correlationId"),
    text("sessionId"),
    text("reportTier"),
    text("reportSegments"),
    text("externalUserId"),
    text("crashEvent"),
    text("transportEventId"),
    text("significantTransportMode"),
    text("speedBeforeImpact"),
    text("speedAfterImpact"),
)

DATASETS = (
    Dataset("driver_passenger", TRANSPORT),
    Dataset("driving_events_all", (*TRANSPORT, *EVENTS)),
    Dataset("driving_events_significant", (*TRANSPORT, *EVENTS)),
    Dataset("primary_safety_scores_transports", (*TRANSPORT, *PRIMARY_SCORES)),
    Dataset("secondary_safety_scores_transports", (*TRANSPORT, *SECONDARY_SCORES)),
    Dataset("primary_safety_scores_users", (*PERSON, timestamp("timestamp"), *PRIMARY_SCORES)),
    Dataset("secondary_safety_scores_users", (*PERSON, timestamp("timestamp"), *SECONDARY_SCORES)),
    Dataset("trajectories", (*TRANSPORT, *WAYPOINTS, text("start_address"), text("end_address"))),
    Dataset("transports", (*TRANSPORT, *WAYPOINTS, *LEGACY_SCORES, text("top_speed"))),
    Dataset("custom_scores", PERSON),
    Dataset("badges", (*PERSON, text("state"))),
    Dataset("challenges", (*PERSON, text("state"))),
    Dataset("streaks", (*PERSON, text("state"))),
    Dataset("groups"),
    Dataset("group_members", (*PERSON, text("role"))),
    Dataset("communications", (*PERSON, text("state"))),
    Dataset("feedback", PERSON),
    Dataset("app_events", PERSON),
    Dataset("off_the_grids", (*PERSON, *PERIOD)),
    Dataset("daily_rewards", PERSON),
    Dataset("driving_insights", INSIGHTS),
    Dataset("crash_insights", CRASH),
)
