-- What happened while driving: harsh manoeuvres, speeding, phones, impacts; severity from 0 to 1
-- Sentiance: severity is the share of the strength from which on an event is significant by default
-- (acceleration 2.25, braking 3, turning 3.5 m/s2); of a trip the events of one dataset count: all,
-- else those of insights, else the significant ones. Its speeds are taken for km/h.
-- MOVE: strength 1 to 3 is a severity of a third to 1; rawAccel is taken for m/s2.
-- Dashcam: severity_level 1 to 3 likewise. That it started up, or sent what was asked for, is no event.
select
    'sentiance' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.trip_id,
    at_timezone(try(from_iso8601_timestamp(told.clock)), 'UTC') as time,
    at_timezone(try(from_iso8601_timestamp(json_extract_scalar(told.event, '$.end'))), 'UTC')
        as end_time,
    case
        when told.clock like '%Z' then 0
        else (try_cast(regexp_extract(told.clock, '[+-](\d\d):?\d\d$', 1) as bigint) * 60
            + try_cast(regexp_extract(told.clock, '[+-]\d\d:?(\d\d)$', 1) as bigint))
            * if(regexp_extract(told.clock, '([+-])\d\d:?\d\d$', 1) = '-', -1, 1)
    end as utc_offset_minutes,
    case
        when told.word = 'accelerating' then 'harsh_acceleration'
        when told.word = 'braking' then 'harsh_braking'
        when told.word = 'turning' then 'harsh_turning'
        when told.word = 'speeding' then 'speeding'
        when told.word = 'phone_handling' then 'phone_use'
        when told.word = 'screen' then 'phone_use'
        when told.word = 'call' then 'phone_call'
        else 'other'
    end as kind,
    told.word as provider_kind,
    least(
        1.0e0,
        abs(told.magnitude)
        / case
            when told.word = 'accelerating' then 2.25e0
            when told.word = 'braking' then 3.0e0
            when told.word = 'turning' then 3.5e0
        end
    ) as severity,
    try_cast(json_extract_scalar(told.event, '$.duration') as double) as duration_s,
    told.magnitude as magnitude_mps2,
    try_cast(json_extract_scalar(told.event, '$.top_speed') as double) / 3.6 as speed_mps,
    try_cast(json_extract_scalar(told.event, '$.speed_limit') as double) / 3.6 as speed_limit_mps,
    try_cast(json_extract_scalar(told.event, '$.latitude') as double) as latitude,
    try_cast(json_extract_scalar(told.event, '$.longitude') as double) as longitude,
    told.raw_key
from (
    select
        provider_user_id,
        day,
        trip_id,
        event,
        cast(json_extract_scalar(event, '$.type') as varchar) as word,
        json_extract_scalar(event, '$.start') as clock,
        try_cast(json_extract_scalar(event, '$.magnitude') as double) as magnitude,
        raw_key
    from (
        select
            complete.provider_user_id,
            complete.day,
            complete.event_id as trip_id,
            event,
            complete.raw_key
        from sentiance_driving_events_all complete
        left join sentiance_retold again
            on again.dataset = 'driving_events_all'
            and again.day = complete.day
            and again.event_id = complete.event_id
            and again.provider_user_id = complete.provider_user_id
        cross join unnest(try(cast(json_parse(complete.driving_events) as array(json)))) as events (event)
        where again.event_id is null
        union all
        select
            insights.provider_user_id,
            insights.day,
            insights.event_id as trip_id,
            event,
            insights.raw_key
        from sentiance_driving_insights insights
        left join sentiance_retold again
            on again.dataset = 'driving_insights'
            and again.day = insights.day
            and again.event_id = insights.event_id
            and again.provider_user_id = insights.provider_user_id
        left join (
            select distinct provider_user_id, event_id, day
            from sentiance_driving_events_all
        ) complete
            on complete.day = insights.day
            and complete.event_id = insights.event_id
            and complete.provider_user_id = insights.provider_user_id
        cross join unnest(
            array[
                insights.harsh_driving_events,
                insights.phone_usage_events,
                insights.call_while_moving_events,
                insights.speeding_events
            ]
        ) as lists (list)
        cross join unnest(try(cast(json_parse(list) as array(json)))) as events (event)
        where again.event_id is null and complete.event_id is null
        union all
        select
            significant.provider_user_id,
            significant.day,
            significant.event_id as trip_id,
            event,
            significant.raw_key
        from sentiance_driving_events_significant significant
        left join sentiance_retold again
            on again.dataset = 'driving_events_significant'
            and again.day = significant.day
            and again.event_id = significant.event_id
            and again.provider_user_id = significant.provider_user_id
        left join (
            select distinct provider_user_id, event_id, day
            from sentiance_driving_events_all
            union
            select distinct provider_user_id, event_id, day
            from sentiance_driving_insights
        ) complete
            on complete.day = significant.day
            and complete.event_id = significant.event_id
            and complete.provider_user_id = significant.provider_user_id
        cross join unnest(try(cast(json_parse(significant.driving_events) as array(json)))) as events (event)
        where again.event_id is null and complete.event_id is null
    ) tellings
) told
left join user_links person
    on person.provider = 'sentiance'
    and person.provider_user_id = told.provider_user_id
union all
select
    'move' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.trip_id,
    told.time,
    cast(null as timestamp with time zone) as end_time,
    cast(null as bigint) as utc_offset_minutes,
    case
        when told.type = 'ACCELERATION' then 'harsh_acceleration'
        when told.type = 'BRAKING' then 'harsh_braking'
        when told.type = 'CORNERING' then 'harsh_turning'
        else 'other'
    end as kind,
    told.type as provider_kind,
    if(told.strength between 1 and 3, told.strength / 3.0e0) as severity,
    cast(null as double) as duration_s,
    told.raw_accel as magnitude_mps2,
    cast(null as double) as speed_mps,
    cast(null as double) as speed_limit_mps,
    told.lat as latitude,
    told.lon as longitude,
    told.raw_key
from move_driving_events told
left join user_links person
    on person.provider = 'move'
    and person.provider_user_id = told.provider_user_id
union all
select
    'move' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.trip_id,
    told.start_ts as time,
    told.end_ts as end_time,
    cast(null as bigint) as utc_offset_minutes,
    case
        when told.type = 'SWIPE_AND_TYPE' then 'phone_use'
        when told.type = 'PHONE_CALL' then 'phone_call'
        when told.type = 'PHONE_CALL_HANDS_FREE' then 'hands_free_call'
        else 'other'
    end as kind,
    told.type as provider_kind,
    cast(null as double) as severity,
    cast(date_diff('second', told.start_ts, told.end_ts) as double) as duration_s,
    cast(null as double) as magnitude_mps2,
    cast(null as double) as speed_mps,
    cast(null as double) as speed_limit_mps,
    cast(null as double) as latitude,
    cast(null as double) as longitude,
    told.raw_key
from move_phone_distractions told
left join user_links person
    on person.provider = 'move'
    and person.provider_user_id = told.provider_user_id
union all
select
    'zendrive' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.trip_id,
    told.start_time as time,
    told.end_time,
    told.start_utc_offset_minutes as utc_offset_minutes,
    case
        when told.event_type_name = 'RAPID_ACCELERATION' then 'harsh_acceleration'
        when told.event_type_name = 'HARD_BRAKE' then 'harsh_braking'
        when told.event_type_name = 'HARD_TURN' then 'harsh_turning'
        when told.event_type_name = 'OVERSPEEDING' then 'speeding'
        when told.event_type_name = 'PHONE_USE' then 'phone_use'
        when told.event_type_name = 'PHONE_SCREEN_INTERACTION' then 'phone_use'
        when told.event_type_name = 'HANDS_FREE_PHONE_CALL' then 'hands_free_call'
        when told.event_type_name = 'PASSIVE_DISTRACTION' then 'distraction'
        when told.event_type_name = 'COLLISION' then 'impact'
        else 'other'
    end as kind,
    told.event_type_name as provider_kind,
    cast(null as double) as severity,
    cast(date_diff('second', told.start_time, told.end_time) as double) as duration_s,
    cast(null as double) as magnitude_mps2,
    told.max_driver_speed_mps as speed_mps,
    told.posted_speed_limit_mps as speed_limit_mps,
    told.latitude_start as latitude,
    told.longitude_start as longitude,
    told.raw_key
from zendrive_events told
left join user_links person
    on person.provider = 'zendrive'
    and person.provider_user_id = told.provider_user_id
union all
select
    'dashcam' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    cast(told.trip_id as varchar) as trip_id,
    told."timestamp" as time,
    cast(null as timestamp with time zone) as end_time,
    cast(null as bigint) as utc_offset_minutes,
    case
        when told.type = 1 then 'impact'
        when lower(told.type_name) like '%acceleration%' then 'harsh_acceleration'
        when lower(told.type_name) like '%braking%' then 'harsh_braking'
        when lower(told.type_name) like '%cornering%' then 'harsh_turning'
        when lower(told.type_name) like '%speed%' then 'speeding'
        when lower(told.type_name) like '%phon%' then 'phone_use'
        when lower(told.type_name) like '%drows%' or lower(told.type_name) like '%fatigue%' then 'drowsiness'
        when lower(told.type_name) like '%distract%' then 'distraction'
        else 'other'
    end as kind,
    told.type_name as provider_kind,
    if(told.severity_level between 1 and 3, told.severity_level / 3.0e0) as severity,
    cast(null as double) as duration_s,
    cast(null as double) as magnitude_mps2,
    detail.speed_kph / 3.6 as speed_mps,
    nullif(detail.speed_limit_kph, 0.0) / 3.6 as speed_limit_mps,
    told.lat as latitude,
    told.lng as longitude,
    told.raw_key
from dashcam_events told
left join dashcam_event_details detail
    on detail.day = told.day
    and detail.uuid = told.uuid
left join user_links person
    on person.provider = 'dashcam'
    and person.provider_user_id = told.provider_user_id
where coalesce(told.type, 0) not in (5, 27)
