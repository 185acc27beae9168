-- Footage of somebody, or of the camera they drove with, around a moment: what is kept, and what is missing because of what
select
    provider,
    clip_id,
    origin,
    device_id,
    camera,
    recorded_at,
    duration_s,
    requested_at,
    requester,
    reason,
    outcome,
    outcome_reason,
    media_key,
    sha256,
    missing_because,
    raw_key
from clips
where
    provider = :provider
    and (provider_user_id = :who or device_id = :device)
    and day between cast(:first as date) and cast(:last as date)
    and recorded_at between from_iso8601_timestamp(:since) and from_iso8601_timestamp(:until)
order by recorded_at, clip_id, camera
limit 200
