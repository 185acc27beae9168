-- Where somebody was on one trip, in the order of time
select
    time,
    latitude,
    longitude,
    speed_mps,
    speed_limit_mps
from trip_points
where
    provider = :provider
    and provider_user_id = :who
    and trip_id = :trip
    and day between cast(:first as date) and cast(:last as date)
    and latitude is not null
    and longitude is not null
order by time
limit 50000
