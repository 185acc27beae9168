-- Crashes of somebody as providers tell of them, between two moments
select
    provider,
    collision_id,
    trip_id,
    time,
    utc_offset_minutes,
    latitude,
    longitude,
    speed_mps,
    g_force,
    heading_degrees,
    confidence,
    provider_confidence,
    severity,
    airbag_deployed,
    raw_key
from collisions
where
    day between cast(:first as date) and cast(:last as date)
    and (
        (provider = 'zendrive' and provider_user_id = :zendrive)
        or (provider = 'dashcam' and provider_user_id = :dashcam)
        or (provider = 'sentiance' and provider_user_id = :sentiance)
        or (provider = 'move' and provider_user_id = :move)
    )
    and time between from_iso8601_timestamp(:since) and from_iso8601_timestamp(:until)
order by time
