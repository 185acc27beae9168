-- The ten people with the lowest overall safety score, of those with three scored trips in 30 days
select
    provider_user_id,
    count(*) as scored_trips,
    round(avg(overall), 3) as overall,
    round(avg(legal), 3) as legal,
    round(avg(smooth), 3) as smooth,
    round(avg(attention), 3) as attention
from sentiance_primary_safety_scores_transports
where day >= current_date - interval '30' day
    and overall is not null
group by provider_user_id
having count(*) >= 3
order by overall, provider_user_id
limit 10
