-- How safety scores are spread: how many trips or people scored in each tenth, from 0 to 1
-- :from date = today-30  first day, of the provider's data
-- :to date = today  last day
-- :kind text = 'overall'  which score: overall, legal, smooth, attention, acceleration, braking ...
-- :subject text = 'trip'  whose score: trip or user
select
    provider,
    least(floor(score * 10), 9.0) / 10 as score_from,
    count(*) as scores,
    round(100.0 * count(*) / sum(count(*)) over (partition by provider), 1) as share_percent,
    count(distinct provider_user_id) as people
from safety_scores
where day between :from and :to
    and kind = :kind
    and subject = :subject
group by provider, least(floor(score * 10), 9.0) / 10
order by provider, score_from
