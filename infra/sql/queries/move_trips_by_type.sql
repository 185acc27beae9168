-- MOVE: what people did, by its own types: items, people, time, distance and scores
-- :from date = today-30  first day on which items began
-- :to date = today  last day
select
    coalesce(type, 'unknown') as type,
    count(*) as items,
    count(distinct provider_user_id) as people,
    round(sum(date_diff('second', start_ts, end_ts)) / 3600.0, 1) as duration_h,
    round(sum(distance), 1) as distance,
    round(avg(score_speed), 1) as speed_score,
    round(avg(score_dfd), 1) as distraction_free_score
from move_timeline_items
where day between :from and :to
group by coalesce(type, 'unknown')
order by items desc, type
