-- What Sentiance told of a trip and tells again in an offload of the next three days: that one counts
select
    'transports' as dataset,
    later.provider_user_id,
    later.event_id,
    earlier.day
from sentiance_transports later
join (
    select
        provider_user_id,
        event_id,
        day,
        cast(date_add('day', n, day) as date) as later_day
    from sentiance_transports
    cross join unnest(sequence(1, 3)) as following (n)
    where event_id is not null
) earlier
    on earlier.later_day = later.day
    and earlier.event_id = later.event_id
    and earlier.provider_user_id = later.provider_user_id
union all
select
    'trajectories' as dataset,
    later.provider_user_id,
    later.event_id,
    earlier.day
from sentiance_trajectories later
join (
    select
        provider_user_id,
        event_id,
        day,
        cast(date_add('day', n, day) as date) as later_day
    from sentiance_trajectories
    cross join unnest(sequence(1, 3)) as following (n)
    where event_id is not null
) earlier
    on earlier.later_day = later.day
    and earlier.event_id = later.event_id
    and earlier.provider_user_id = later.provider_user_id
union all
select
    'driving_events_all' as dataset,
    later.provider_user_id,
    later.event_id,
    earlier.day
from sentiance_driving_events_all later
join (
    select
        provider_user_id,
        event_id,
        day,
        cast(date_add('day', n, day) as date) as later_day
    from sentiance_driving_events_all
    cross join unnest(sequence(1, 3)) as following (n)
    where event_id is not null
) earlier
    on earlier.later_day = later.day
    and earlier.event_id = later.event_id
    and earlier.provider_user_id = later.provider_user_id
union all
select
    'driving_events_significant' as dataset,
    later.provider_user_id,
    later.event_id,
    earlier.day
from sentiance_driving_events_significant later
join (
    select
        provider_user_id,
        event_id,
        day,
        cast(date_add('day', n, day) as date) as later_day
    from sentiance_driving_events_significant
    cross join unnest(sequence(1, 3)) as following (n)
    where event_id is not null
) earlier
    on earlier.later_day = later.day
    and earlier.event_id = later.event_id
    and earlier.provider_user_id = later.provider_user_id
union all
select
    'driving_insights' as dataset,
    later.provider_user_id,
    later.event_id,
    earlier.day
from sentiance_driving_insights later
join (
    select
        provider_user_id,
        event_id,
        day,
        cast(date_add('day', n, day) as date) as later_day
    from sentiance_driving_insights
    cross join unnest(sequence(1, 3)) as following (n)
    where event_id is not null
) earlier
    on earlier.later_day = later.day
    and earlier.event_id = later.event_id
    and earlier.provider_user_id = later.provider_user_id
union all
select
    'primary_safety_scores_transports' as dataset,
    later.provider_user_id,
    later.event_id,
    earlier.day
from sentiance_primary_safety_scores_transports later
join (
    select
        provider_user_id,
        event_id,
        day,
        cast(date_add('day', n, day) as date) as later_day
    from sentiance_primary_safety_scores_transports
    cross join unnest(sequence(1, 3)) as following (n)
    where event_id is not null
) earlier
    on earlier.later_day = later.day
    and earlier.event_id = later.event_id
    and earlier.provider_user_id = later.provider_user_id
union all
select
    'secondary_safety_scores_transports' as dataset,
    later.provider_user_id,
    later.event_id,
    earlier.day
from sentiance_secondary_safety_scores_transports later
join (
    select
        provider_user_id,
        event_id,
        day,
        cast(date_add('day', n, day) as date) as later_day
    from sentiance_secondary_safety_scores_transports
    cross join unnest(sequence(1, 3)) as following (n)
    where event_id is not null
) earlier
    on earlier.later_day = later.day
    and earlier.event_id = later.event_id
    and earlier.provider_user_id = later.provider_user_id
