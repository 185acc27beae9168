-- Harsh events per 100 km driven, by provider and person: acceleration, braking, turning
-- :from date = today-30  first day, of the provider's data
-- :to date = today  last day
-- :severity number = 0.6  least severity, of those events that have one
-- :kilometres number = 10  least way driven
select
    driven.provider,
    driven.user_id,
    driven.provider_user_id,
    round(driven.distance_km, 1) as distance_km,
    coalesce(harsh.accelerations, 0) as accelerations,
    coalesce(harsh.brakings, 0) as brakings,
    coalesce(harsh.turnings, 0) as turnings,
    round(100 * coalesce(harsh.events, 0) / driven.distance_km, 2) as per_100_km
from (
    select
        provider,
        user_id,
        provider_user_id,
        sum(distance_m) / 1000 as distance_km
    from trips
    where day between :from and :to
        and mode in ('car', 'motorcycle')
        and role <> 'passenger'
    group by provider, user_id, provider_user_id
) driven
left join (
    select
        provider,
        provider_user_id,
        count(*) as events,
        count_if(kind = 'harsh_acceleration') as accelerations,
        count_if(kind = 'harsh_braking') as brakings,
        count_if(kind = 'harsh_turning') as turnings
    from driving_events
    where day between :from and :to
        and kind in ('harsh_acceleration', 'harsh_braking', 'harsh_turning')
        and coalesce(severity, 1) >= :severity
    group by provider, provider_user_id
) harsh
    on harsh.provider = driven.provider
    and harsh.provider_user_id = driven.provider_user_id
where driven.distance_km >= :kilometres
order by per_100_km desc, driven.provider, driven.provider_user_id
