-- Collisions as providers tell of them: g-force in g, speed at or just before the impact, how sure it is
-- Sentiance: the report that was made last counts; speeds are m/s and maxMagnitude hundredths of m/s2.
-- Dashcam: events of type 1, the only impacts that its reference names. MOVE tells of none.
select
    'zendrive' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    coalesce(told.collision_id, told.collision_key) as collision_id,
    told.trip_id,
    told.time,
    told.utc_offset_minutes,
    told.latitude,
    told.longitude,
    told.current_speed_mps as speed_mps,
    told.g_force,
    told.heading_degrees,
    told.confidence_number / 100.0 as confidence,
    told.confidence as provider_confidence,
    told.collision_severity as severity,
    told.airbag_deployed,
    told.raw_key
from zendrive_collisions told
left join user_links person
    on person.provider = 'zendrive'
    and person.provider_user_id = told.provider_user_id
union all
select
    'sentiance' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.reportid as collision_id,
    told.transporteventid as trip_id,
    from_unixtime(try_cast(json_extract_scalar(told.crash, '$.timestamp') as double) / 1000.0) as time,
    try_cast(json_extract_scalar(told.crash, '$.timezoneOffset') as bigint) as utc_offset_minutes,
    try_cast(json_extract_scalar(told.crash, '$.waypoint.location.latitude') as double) as latitude,
    try_cast(json_extract_scalar(told.crash, '$.waypoint.location.longitude') as double) as longitude,
    coalesce(
        try_cast(told.speedbeforeimpact as double),
        try_cast(json_extract_scalar(told.crash, '$.speedAtImpact') as double),
        nullif(try_cast(json_extract_scalar(told.crash, '$.waypoint.speed') as double), -1.0)
    ) as speed_mps,
    try_cast(json_extract_scalar(told.crash, '$.maxMagnitude') as double) / 980.665 as g_force,
    nullif(try_cast(json_extract_scalar(told.crash, '$.waypoint.direction') as double), -1.0)
        as heading_degrees,
    try_cast(json_extract_scalar(told.crash, '$.confidence') as double) / 100.0 as confidence,
    json_extract_scalar(told.crash, '$.confidence') as provider_confidence,
    json_extract_scalar(told.crash, '$.severity') as severity,
    cast(null as boolean) as airbag_deployed,
    told.raw_key
from (
    select
        provider_user_id,
        day,
        reportid,
        transporteventid,
        speedbeforeimpact,
        raw_key,
        try(json_parse(crashevent)) as crash,
        row_number() over (
            partition by provider_user_id, reportid
            order by processingtime desc, day desc, raw_key desc
        ) as newest
    from sentiance_crash_insights
) told
left join user_links person
    on person.provider = 'sentiance'
    and person.provider_user_id = told.provider_user_id
where told.newest = 1
union all
select
    'dashcam' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.uuid as collision_id,
    cast(told.trip_id as varchar) as trip_id,
    told."timestamp" as time,
    cast(null as bigint) as utc_offset_minutes,
    told.lat as latitude,
    told.lng as longitude,
    detail.speed_kph / 3.6 as speed_mps,
    cast(null as double) as g_force,
    cast(null as double) as heading_degrees,
    cast(null as double) as confidence,
    cast(null as varchar) as provider_confidence,
    cast(told.severity_level as varchar) as severity,
    cast(null as boolean) as airbag_deployed,
    told.raw_key
from dashcam_events told
left join dashcam_event_details detail
    on detail.day = told.day
    and detail.uuid = told.uuid
left join user_links person
    on person.provider = 'dashcam'
    and person.provider_user_id = told.provider_user_id
where told.type = 1
