-- What providers noticed of somebody's driving between two moments
select
    provider,
    trip_id,
    time,
    end_time,
    kind,
    provider_kind,
    severity,
    speed_mps,
    speed_limit_mps,
    raw_key
from driving_events
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
limit 1000
