-- Footage, a row per file: on request with its custody, or of an event; only the dashcam has any
-- Files of events have no custody record: media_key is where the file is, if its event was severe
-- enough to be kept.
select
    'dashcam' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.clip_id,
    'request' as origin,
    told.device_cid as device_id,
    coalesce(told.camera, told.requested_camera) as camera,
    told.requested_for as recorded_at,
    cast(told.duration_s as double) as duration_s,
    told.requested_at,
    told.requester,
    told.reason,
    told.outcome,
    told.outcome_reason,
    told.ended_at,
    told.media_key,
    told.sha256,
    told.bytes,
    told.content_type,
    told.missing_because,
    told.raw_key
from dashcam_clips told
left join user_links person
    on person.provider = 'dashcam'
    and person.provider_user_id = told.provider_user_id
union all
select
    'dashcam' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.uuid as clip_id,
    'event' as origin,
    told.device_cid as device_id,
    told.capture_mode as camera,
    from_unixtime(told.video_start_at) as recorded_at,
    coalesce(told.video_duration, told.general_duration) as duration_s,
    cast(null as timestamp with time zone) as requested_at,
    cast(null as varchar) as requester,
    cast(null as varchar) as reason,
    cast(null as varchar) as outcome,
    cast(null as varchar) as outcome_reason,
    cast(null as timestamp with time zone) as ended_at,
    concat(
        'dashcam/',
        told.uuid,
        '/',
        regexp_replace(concat(told.capture_mode, '-', told.origin_file_name), '[^A-Za-z0-9._-]+', '_')
    ) as media_key,
    cast(null as varchar) as sha256,
    told.general_filesize as bytes,
    cast(null as varchar) as content_type,
    cast(null as varchar) as missing_because,
    told.raw_key
from dashcam_event_videos told
left join user_links person
    on person.provider = 'dashcam'
    and person.provider_user_id = told.provider_user_id
