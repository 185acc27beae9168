-- The twenty riskiest drivers of a week: the lowest average score of those with enough scored trips
-- :from date = today-7  first day of the week, of the provider's data
-- :days integer = 8  how many days from then on
-- :trips integer = 3  least scored trips
-- :kind text = 'overall'  which score; smooth and braking are there for providers without an overall one
-- :drivers integer = 20  how many
select
    provider,
    user_id,
    provider_user_id,
    count(distinct trip_id) as scored_trips,
    round(avg(score), 3) as score,
    round(min(score), 3) as worst_trip
from safety_scores
where day >= :from
    and day < date_add('day', :days, :from)
    and kind = :kind
    and subject = 'trip'
group by provider, user_id, provider_user_id
having count(distinct trip_id) >= :trips
order by score, provider, provider_user_id
limit :drivers
