-- Speeding against the limit, as providers notice it: how much too fast, how long, and where
-- :from date = today-30  first day, of the provider's data
-- :to date = today  last day
-- :over number = 10  least km/h above the limit, of those events that tell both
-- :rows integer = 100  how many, the fastest first
select
    provider,
    user_id,
    provider_user_id,
    trip_id,
    time,
    round(speed_mps * 3.6, 1) as speed_kmh,
    round(speed_limit_mps * 3.6, 1) as limit_kmh,
    round((speed_mps - speed_limit_mps) * 3.6, 1) as over_kmh,
    round(duration_s, 1) as duration_s,
    round(latitude, 4) as latitude,
    round(longitude, 4) as longitude
from driving_events
where day between :from and :to
    and kind = 'speeding'
    and coalesce((speed_mps - speed_limit_mps) * 3.6, :over) >= :over
order by over_kmh desc nulls last, time, provider, provider_user_id
limit :rows
