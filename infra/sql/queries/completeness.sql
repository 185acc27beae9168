-- What the lake has by provider and day: rows, people and files, and the days that have none of it
-- :from date = today-14  first day, of the provider's data
-- :to date = today-1  last day
-- Files are objects in raw. Which files a provider has offered and we have not is in the ledger:
-- telematics status.
with told as (
    select 'sentiance' as provider, day, provider_user_id, raw_key
    from sentiance_transports
    where day between :from and :to
    union all
    select 'move' as provider, day, provider_user_id, raw_key
    from move_timeline_items
    where day between :from and :to
    union all
    select 'dashcam' as provider, day, provider_user_id, raw_key
    from dashcam_events
    where day between :from and :to
    union all
    select 'zendrive' as provider, day, provider_user_id, raw_key
    from zendrive_trips
    where day between :from and :to
),
days as (
    select provider, cast(day as date) as day
    from unnest(sequence(:from, :to, interval '1' day)) as calendar (day)
    cross join unnest(array['sentiance', 'move', 'dashcam', 'zendrive']) as providers (provider)
)
select
    days.provider,
    days.day,
    count(told.raw_key) as "rows",
    count(distinct told.provider_user_id) as people,
    count(distinct told.raw_key) as files,
    count(told.raw_key) = 0 as is_missing
from days
left join told
    on told.provider = days.provider
    and told.day = days.day
group by days.provider, days.day
order by days.provider, days.day
