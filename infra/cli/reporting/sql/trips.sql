-- Drives of somebody that providers tell of and that were under way between two moments
select
    provider,
    trip_id,
    start_time,
    end_time,
    utc_offset_minutes,
    mode,
    role,
    distance_m,
    duration_s,
    max_speed_mps,
    raw_key
from trips
where
    day between cast(:first as date) and cast(:last as date)
    and (
        (provider = 'zendrive' and provider_user_id = :zendrive)
        or (provider = 'dashcam' and provider_user_id = :dashcam)
        or (provider = 'sentiance' and provider_user_id = :sentiance)
        or (provider = 'move' and provider_user_id = :move)
    )
    and start_time <= from_iso8601_timestamp(:until)
    and end_time >= from_iso8601_timestamp(:since)
order by start_time
