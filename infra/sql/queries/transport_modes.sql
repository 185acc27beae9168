-- How people moved: trips and kilometres by mode, over all providers or those of one
-- :from date = today-30  first day, of the provider's data
-- :to date = today  last day
-- :provider text = ''  one provider; all where it is empty
select
    mode,
    count(*) as trips,
    round(100.0 * count(*) / sum(count(*)) over (), 1) as share_percent,
    count(distinct provider_user_id) as people,
    round(sum(distance_m) / 1000, 1) as distance_km,
    round(avg(distance_m) / 1000, 1) as average_km
from trips
where day between :from and :to
    and (:provider = '' or provider = :provider)
    and mode <> 'still'
group by mode
order by trips desc, mode
