-- How the phone was shaken around an impact
select
    time,
    acceleration_g
from zendrive_motion
where
    provider_user_id = :who
    and day between cast(:first as date) and cast(:last as date)
    and time between from_iso8601_timestamp(:since) and from_iso8601_timestamp(:until)
    and acceleration_g is not null
order by time
limit 50000
