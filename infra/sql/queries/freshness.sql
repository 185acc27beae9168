-- How fresh each provider's data is: the newest day, the newest trip or event, and the last load
-- :from date = today-30  first day on which to look, of the provider's data
with told as (
    select 'sentiance' as provider, day, "end" as time, loaded_at
    from sentiance_transports
    where day >= :from
    union all
    select 'move' as provider, day, end_ts as time, loaded_at
    from move_timeline_items
    where day >= :from
    union all
    select 'dashcam' as provider, day, "timestamp" as time, loaded_at
    from dashcam_events
    where day >= :from
    union all
    select 'zendrive' as provider, day, end_time as time, loaded_at
    from zendrive_trips
    where day >= :from
)
select
    provider,
    max(day) as newest_day,
    max(time) as newest_time,
    max(loaded_at) as last_load,
    round(date_diff('second', max(time), max(loaded_at)) / 3600.0e0, 1) as behind_at_load_h,
    round(date_diff('second', max(loaded_at), current_timestamp) / 3600.0e0, 1) as since_load_h
from told
group by provider
order by provider
