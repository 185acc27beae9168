-- Whether the app called in, day by day
select
    cast(day as varchar) as day,
    authenticated
from zendrive_auth_days
where
    provider_user_id = :who
    and day between cast(:first as date) and cast(:last as date)
order by day
