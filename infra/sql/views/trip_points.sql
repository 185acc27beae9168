-- Where trips went, point by point: speeds and limits in m/s, heading in degrees from north
-- Sentiance: the waypoints mapped to roads (speeds documented in km/h), or else the plain ones.
-- MOVE: speeds and limits are taken for km/h, which fits the samples of its reference.
-- Zendrive: the phone's own points where there are any, else those of notifications.
-- Dashcam: the track of an event; trip_id is the event's uuid.
select
    'sentiance' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.event_id as trip_id,
    at_timezone(try(from_iso8601_timestamp(told.clock)), 'UTC') as time,
    case
        when told.clock like '%Z' then 0
        else (try_cast(regexp_extract(told.clock, '[+-](\d\d):?\d\d$', 1) as bigint) * 60
            + try_cast(regexp_extract(told.clock, '[+-]\d\d:?(\d\d)$', 1) as bigint))
            * if(regexp_extract(told.clock, '([+-])\d\d:?\d\d$', 1) = '-', -1, 1)
    end as utc_offset_minutes,
    try_cast(json_extract_scalar(told.point, '$.latitude') as double) as latitude,
    try_cast(json_extract_scalar(told.point, '$.longitude') as double) as longitude,
    try_cast(json_extract_scalar(told.point, '$.speed_v2') as double) / 3.6 as speed_mps,
    try_cast(json_extract_scalar(told.point, '$.speedlimit') as double) / 3.6 as speed_limit_mps,
    cast(null as double) as heading_degrees,
    cast(null as double) as altitude_m,
    cast(null as double) as horizontal_accuracy_m,
    told.source as provider_source,
    told.raw_key
from (
    select
        mapped.provider_user_id,
        mapped.day,
        mapped.event_id,
        mapped.raw_key,
        'mapped_waypoints' as source,
        point,
        json_extract_scalar(point, '$.waypoint_timestamp') as clock
    from sentiance_trajectories mapped
    left join sentiance_retold again
        on again.dataset = 'trajectories'
        and again.day = mapped.day
        and again.event_id = mapped.event_id
        and again.provider_user_id = mapped.provider_user_id
    cross join unnest(try(cast(json_parse(mapped.mapped_waypoints) as array(json)))) as points (point)
    where again.event_id is null
    union all
    select
        plain.provider_user_id,
        plain.day,
        plain.event_id,
        plain.raw_key,
        'waypoints' as source,
        point,
        json_extract_scalar(point, '$.timestamp') as clock
    from sentiance_transports plain
    left join (
        select distinct provider_user_id, event_id, day
        from sentiance_trajectories
        where mapped_waypoints is not null
    ) mapped
        on mapped.day = plain.day
        and mapped.event_id = plain.event_id
        and mapped.provider_user_id = plain.provider_user_id
    left join sentiance_retold again
        on again.dataset = 'transports'
        and again.day = plain.day
        and again.event_id = plain.event_id
        and again.provider_user_id = plain.provider_user_id
    cross join unnest(
        try(cast(json_extract(json_parse(plain.waypoints), '$.waypoints') as array(json)))
    ) as points (point)
    where mapped.event_id is null and again.event_id is null
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
    told."timestamp" as time,
    cast(null as bigint) as utc_offset_minutes,
    told.lat as latitude,
    told.lon as longitude,
    told.speed / 3.6 as speed_mps,
    told.speed_limit / 3.6 as speed_limit_mps,
    cast(null as double) as heading_degrees,
    cast(null as double) as altitude_m,
    cast(null as double) as horizontal_accuracy_m,
    'points' as provider_source,
    told.raw_key
from move_points told
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
    told.time,
    told.utc_offset_minutes,
    told.latitude,
    told.longitude,
    told.speed_mps,
    cast(null as double) as speed_limit_mps,
    coalesce(told.course_degrees, told.heading_degrees) as heading_degrees,
    cast(null as double) as altitude_m,
    told.horizontal_accuracy_m,
    told.source as provider_source,
    told.raw_key
from zendrive_gps_points told
left join (
    select distinct provider_user_id, trip_id, day
    from zendrive_gps_points
    where source = 'raw_gps'
) better
    on better.day = told.day
    and better.trip_id = told.trip_id
    and better.provider_user_id = told.provider_user_id
left join user_links person
    on person.provider = 'zendrive'
    and person.provider_user_id = told.provider_user_id
where told.source = 'raw_gps' or better.trip_id is null
union all
select
    'dashcam' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.uuid as trip_id,
    told."timestamp" as time,
    cast(null as bigint) as utc_offset_minutes,
    told.lat as latitude,
    told.lng as longitude,
    told.speed_mps,
    cast(null as double) as speed_limit_mps,
    told.heading_degrees,
    told.altitude_m,
    cast(null as double) as horizontal_accuracy_m,
    'nmea' as provider_source,
    told.raw_key
from dashcam_points told
left join user_links person
    on person.provider = 'dashcam'
    and person.provider_user_id = told.provider_user_id
