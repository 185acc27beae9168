-- Collisions that providers know of: g-force and speed at impact, and how sure they are
-- :from date = today-180  first day, of the provider's data
-- :to date = today  last day
select
    time,
    provider,
    user_id,
    provider_user_id,
    round(g_force, 2) as g_force,
    round(speed_mps * 3.6, 1) as speed_kmh,
    severity,
    round(confidence, 2) as confidence,
    airbag_deployed,
    round(latitude, 3) as latitude,
    round(longitude, 3) as longitude,
    collision_id
from collisions
where day between :from and :to
order by time desc, g_force desc nulls last, provider
