-- Collisions that Zendrive knows of, last 180 days: g-force and speed at impact, and how sure it is
select
    time,
    provider_user_id,
    round(g_force, 2) as g_force,
    round(current_speed_mps * 3.6, 1) as speed_kmh,
    direction_of_impact,
    collision_severity,
    confidence,
    airbag_deployed,
    round(latitude, 3) as latitude,
    round(longitude, 3) as longitude
from zendrive_collisions
where day >= current_date - interval '180' day
order by time desc
