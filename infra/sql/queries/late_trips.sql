-- How late trips arrive: days from a trip's end to the offload that brought it; Sentiance
-- :from date = today-30  first day, of the offload
-- :to date = today  last day
select
    date_diff('day', cast(end_time as date), day) as days_late,
    count(*) as trips,
    count(distinct provider_user_id) as people
from trips
where day between :from and :to
    and provider = 'sentiance'
    and end_time is not null
group by date_diff('day', cast(end_time as date), day)
order by days_late
