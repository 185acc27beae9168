-- Trips, people, kilometres and hours of the last 30 offload days, a row each
select
    day,
    count(*) as trips,
    count(distinct provider_user_id) as people,
    round(sum(distance_m) / 1000, 1) as distance_km,
    round(sum(duration_s) / 3600, 1) as duration_h
from sentiance_transports
where day >= current_date - interval '30' day
group by day
order by day
