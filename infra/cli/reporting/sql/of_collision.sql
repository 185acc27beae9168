-- Whose collision it is, by the provider's id, which is its moment and not told by every answer
select
    provider_user_id,
    time
from zendrive_collisions
where
    (collision_id = :id or time = from_iso8601_timestamp(:at))
    and day between cast(:first as date) and cast(:last as date)
