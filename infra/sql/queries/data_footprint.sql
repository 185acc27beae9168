-- A user's footprint: rows and days of theirs in each dataset, by provider
-- :user text = ''  our user_id; everybody where it is empty
-- :person text = ''  a provider's id for somebody, who may not be linked
-- :from date = 2015-01-01  first day, of the provider's data
-- :to date = today+1  last day
select
    provider,
    dataset,
    count(*) as "rows",
    count(distinct provider_user_id) as people,
    count(distinct day) as days,
    min(day) as first_day,
    max(day) as last_day
from holdings
where day between :from and :to
    and (:user = '' or user_id = :user)
    and (:person = '' or provider_user_id = :person)
group by provider, dataset
order by provider, dataset
