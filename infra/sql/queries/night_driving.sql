-- Driving at night, on the clocks of the place: trips and kilometres by person, and their share
-- :from date = today-7  first day, of the provider's data
-- :to date = today  last day
-- :begins integer = 22  hour from which on it is night
-- :ends integer = 5  hour from which on it is no longer
-- :offset integer = 0  minutes that clocks are ahead of UTC, where the provider does not say
select
    provider,
    user_id,
    provider_user_id,
    count_if(is_night) as night_trips,
    count(*) as trips,
    round(sum(if(is_night, distance_m, 0)) / 1000, 1) as night_km,
    round(sum(distance_m) / 1000, 1) as distance_km,
    round(100 * sum(if(is_night, distance_m, 0)) / nullif(sum(distance_m), 0), 1) as night_share_percent
from (
    select
        provider,
        user_id,
        provider_user_id,
        distance_m,
        hour(date_add('minute', coalesce(utc_offset_minutes, :offset), start_time)) >= :begins
            or hour(date_add('minute', coalesce(utc_offset_minutes, :offset), start_time)) < :ends
            as is_night
    from trips
    where day between :from and :to
        and mode in ('car', 'motorcycle')
        and role <> 'passenger'
) driven
group by provider, user_id, provider_user_id
having count_if(is_night) > 0
order by night_km desc nulls last, provider, provider_user_id
