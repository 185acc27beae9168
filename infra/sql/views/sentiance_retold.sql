-- What Sentiance told of a trip and tells again in an offload of the next three days: that one counts
select
    earlier.dataset,
    earlier.provider_user_id,
    earlier.event_id,
    earlier.day
from (
    select
        dataset,
        provider_user_id,
        event_id,
        day,
        cast(date_add('day', n, day) as date) as later_day
    from sentiance_told
    cross join unnest(sequence(1, 3)) as following (n)
) earlier
join sentiance_told later
    on later.day = earlier.later_day
    and later.dataset = earlier.dataset
    and later.event_id = earlier.event_id
    and later.provider_user_id = earlier.provider_user_id
