-- Which phone recorded a trip
select
    'zendrive' as provider,
    'phone' as kind,
    device_type as device,
    platform as more
from zendrive_trips
where
    provider_user_id = :who
    and day between cast(:first as date) and cast(:last as date)
    and trip_id = :trip
