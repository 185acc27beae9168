-- Footage on request: who asked and why, how it ended, and each file with its digest
-- :from date = today-30  first day of requests
-- :to date = today  last day
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
from clips
where day between :from and :to
    and origin = 'request'
order by requested_at desc, camera
