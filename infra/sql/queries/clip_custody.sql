-- Footage on request, last 30 days: who asked and why, how it ended, and each file with its digest
select
    requested_at,
    requester,
    reason,
    outcome,
    camera,
    bytes,
    substr(sha256, 1, 16) as sha256_begins,
    media_key,
    missing_because
from dashcam_clips
where day >= current_date - interval '30' day
order by requested_at desc, camera
