-- Whose dashcam saw it, by the event's id
select
    provider_user_id,
    "timestamp" as time
from dashcam_events
where uuid = :id
