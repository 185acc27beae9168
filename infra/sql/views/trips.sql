-- Trips of all providers: who, when, how and how far; times UTC, SI units, and a closed vocabulary of modes
-- Sentiance: top_speed is taken for km/h; the offset is that of the first waypoint.
-- MOVE: distances are taken for metres and speeds for km/h, as in the vendor's own sample code.
-- Zendrive: a drive whose vehicle is not named counts as one by car.
-- The dashcam tells of no trips, only of events.
select
    'sentiance' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.event_id as trip_id,
    told.start as start_time,
    told."end" as end_time,
    (try_cast(regexp_extract(told.waypoints, '"timestamp": ?"[^"]*[+-](\d\d):?\d\d"', 1) as bigint) * 60
        + try_cast(regexp_extract(told.waypoints, '"timestamp": ?"[^"]*[+-]\d\d:?(\d\d)"', 1) as bigint))
        * if(regexp_extract(told.waypoints, '"timestamp": ?"[^"]*([+-])\d\d:?\d\d"', 1) = '-', -1, 1)
        as utc_offset_minutes,
    case
        when told.mode in ('car', 'motorcycle', 'walking', 'running', 'bus', 'tram', 'train', 'boat')
            then told.mode
        when told.mode = 'biking' then 'bicycle'
        when told.mode = 'subway' then 'metro'
        when told.mode = 'ferry' then 'boat'
        when told.mode = 'flight' then 'plane'
        when told.mode = 'idle' then 'still'
        when coalesce(told.mode, 'insufficient_data') = 'insufficient_data' then 'unknown'
        else 'other'
    end as mode,
    told.mode as provider_mode,
    case when told.occupant_role in ('driver', 'passenger') then told.occupant_role else 'unknown' end
        as role,
    told.distance_m,
    told.duration_s,
    try_cast(told.top_speed as double) / 3.6 as max_speed_mps,
    told.distance_m / nullif(told.duration_s, 0.0) as average_speed_mps,
    try_cast(json_extract_scalar(try(json_parse(told.waypoints)), '$.waypoints[0].latitude') as double)
        as start_latitude,
    try_cast(json_extract_scalar(try(json_parse(told.waypoints)), '$.waypoints[0].longitude') as double)
        as start_longitude,
    try_cast(
        json_extract_scalar(
            element_at(
                try(cast(json_extract(json_parse(told.waypoints), '$.waypoints') as array(json))), -1
            ),
            '$.latitude'
        ) as double
    ) as end_latitude,
    try_cast(
        json_extract_scalar(
            element_at(
                try(cast(json_extract(json_parse(told.waypoints), '$.waypoints') as array(json))), -1
            ),
            '$.longitude'
        ) as double
    ) as end_longitude,
    told.raw_key
from sentiance_transports told
left join sentiance_retold again
    on again.dataset = 'transports'
    and again.day = told.day
    and again.event_id = told.event_id
    and again.provider_user_id = told.provider_user_id
left join user_links person
    on person.provider = 'sentiance'
    and person.provider_user_id = told.provider_user_id
where again.event_id is null
union all
select
    'move' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.trip_id,
    told.start_ts as start_time,
    told.end_ts as end_time,
    try(
        date_diff(
            'minute',
            cast(at_timezone(told.start_ts, 'UTC') as timestamp),
            cast(at_timezone(told.start_ts, told.start_time_zone) as timestamp)
        )
    ) as utc_offset_minutes,
    case
        when told.word = 'CAR' then 'car'
        when told.word = 'DRIVING' then 'car'
        when told.word = 'TRAIN' then 'train'
        when told.word = 'TRAM' then 'tram'
        when told.word = 'METRO' then 'metro'
        when told.word = 'BUS' then 'bus'
        when told.word = 'BICYCLE' then 'bicycle'
        when told.word = 'CYCLING' then 'bicycle'
        when told.word = 'WALKING' then 'walking'
        when told.word = 'IDLE' then 'still'
        when told.word = 'UNKNOWN' then 'unknown'
        else 'other'
    end as mode,
    told.word as provider_mode,
    'unknown' as role,
    told.distance as distance_m,
    cast(date_diff('second', told.start_ts, told.end_ts) as double) as duration_s,
    told.max_speed / 3.6 as max_speed_mps,
    told.average_speed / 3.6 as average_speed_mps,
    told.start_lat as start_latitude,
    told.start_lon as start_longitude,
    told.end_lat as end_latitude,
    told.end_lon as end_longitude,
    told.raw_key
from (
    select
        provider_user_id,
        day,
        trip_id,
        start_ts,
        end_ts,
        start_time_zone,
        distance,
        max_speed,
        average_speed,
        start_lat,
        start_lon,
        end_lat,
        end_lon,
        raw_key,
        coalesce(
            if(coalesce(type, 'UNKNOWN') in ('DRIVING', 'UNKNOWN'), transport_type, type),
            type,
            'UNKNOWN'
        ) as word
    from move_timeline_items
    where coalesce(type, '') <> 'FAKETRIP'
) told
left join user_links person
    on person.provider = 'move'
    and person.provider_user_id = told.provider_user_id
where told.word <> 'FAKETRIP'
union all
select
    'zendrive' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.trip_id,
    told.start_time,
    told.end_time,
    told.start_utc_offset_minutes as utc_offset_minutes,
    case
        when lower(told.drive_type) = 'non_driving' then 'other'
        when lower(told.vehicle_type) = 'motorcycle' then 'motorcycle'
        when lower(told.vehicle_type) = 'car' then 'car'
        when told.vehicle_type is not null then 'other'
        when lower(told.drive_type) = 'driving' then 'car'
        else 'unknown'
    end as mode,
    if(lower(told.drive_type) = 'non_driving', told.drive_type, coalesce(told.vehicle_type, told.drive_type))
        as provider_mode,
    case
        when lower(told.user_mode) in ('driver', 'passenger') then lower(told.user_mode)
        else 'unknown'
    end as role,
    told.distance_m,
    told.duration_s,
    told.max_speed_mps,
    told.distance_m / nullif(told.duration_s, 0.0) as average_speed_mps,
    told.latitude_start as start_latitude,
    told.longitude_start as start_longitude,
    told.latitude_end as end_latitude,
    told.longitude_end as end_longitude,
    told.raw_key
from zendrive_trips told
left join user_links person
    on person.provider = 'zendrive'
    and person.provider_user_id = told.provider_user_id
