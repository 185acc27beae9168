-- How people moved in the last 30 offload days: trips and kilometres by mode
select
    coalesce(mode, 'unknown') as mode,
    count(*) as trips,
    round(100.0 * count(*) / sum(count(*)) over (), 1) as share_percent,
    round(sum(distance_m) / 1000, 1) as distance_km,
    round(avg(distance_m) / 1000, 1) as average_km
from sentiance_transports
where day >= current_date - interval '30' day
group by 1
order by trips desc, mode
