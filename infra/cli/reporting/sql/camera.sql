-- Which cameras saw somebody drive between two moments
select
    'dashcam' as provider,
    'dashcam' as kind,
    e.device_cid as device,
    max(a.device_name) as more
from dashcam_events as e
left join dashcam_event_assets as a
    on a.uuid = e.uuid
    and a.day = e.day
where
    e.provider_user_id = :who
    and e.day between cast(:first as date) and cast(:last as date)
    and e."timestamp" between from_iso8601_timestamp(:since) and from_iso8601_timestamp(:until)
group by e.device_cid
