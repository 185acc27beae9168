-- Kilometres and trips by day and provider: people, hours, and the average way
-- :from date = today-30  first day, of the provider's data
-- :to date = today  last day
select
    day,
    provider,
    count(*) as trips,
    count(distinct provider_user_id) as people,
    round(sum(distance_m) / 1000, 1) as distance_km,
    round(sum(duration_s) / 3600, 1) as duration_h,
    round(avg(distance_m) / 1000, 1) as average_km
from trips
where day between :from and :to
    and mode <> 'still'
group by day, provider
order by day, provider
