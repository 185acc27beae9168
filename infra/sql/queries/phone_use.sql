-- Phones while driving: by person, how often and how long they were used and called with
-- :from date = today-30  first day, of the provider's data
-- :to date = today  last day
-- :people integer = 50  how many people, the longest use first
select
    provider,
    user_id,
    provider_user_id,
    count(distinct trip_id) as trips,
    count_if(kind = 'phone_use') as uses,
    count_if(kind = 'phone_call') as calls,
    count_if(kind = 'hands_free_call') as hands_free_calls,
    round(sum(if(kind = 'phone_use', duration_s, 0)), 1) as used_s,
    round(sum(if(kind = 'phone_use', 0, duration_s)), 1) as called_s
from driving_events
where day between :from and :to
    and kind in ('phone_use', 'phone_call', 'hands_free_call')
group by provider, user_id, provider_user_id
order by used_s desc nulls last, provider, provider_user_id
limit :people
