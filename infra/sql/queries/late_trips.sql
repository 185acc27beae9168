-- How late trips arrive: days from a trip's end to the offload that brought it, last 30 days
select
    date_diff('day', cast("end" as date), day) as days_late,
    count(*) as trips,
    count(distinct provider_user_id) as people
from sentiance_transports
where day >= current_date - interval '30' day
    and "end" is not null
group by 1
order by 1
