-- A user's footprint: rows and days of theirs in each view, by provider
-- :user text = ''  our user_id; everybody where it is empty
-- :person text = ''  a provider's id for somebody, who may not be linked
-- :from date = 2015-01-01  first day, of the provider's data
-- :to date = today+1  last day
select
    what,
    provider,
    count(*) as "rows",
    count(distinct provider_user_id) as people,
    count(distinct day) as days,
    min(day) as first_day,
    max(day) as last_day
from (
    select 'trips' as what, provider, day, user_id, provider_user_id
    from trips
    where day between :from and :to
        and (:user = '' or user_id = :user)
        and (:person = '' or provider_user_id = :person)
    union all
    select 'driving_events' as what, provider, day, user_id, provider_user_id
    from driving_events
    where day between :from and :to
        and (:user = '' or user_id = :user)
        and (:person = '' or provider_user_id = :person)
    union all
    select 'trip_points' as what, provider, day, user_id, provider_user_id
    from trip_points
    where day between :from and :to
        and (:user = '' or user_id = :user)
        and (:person = '' or provider_user_id = :person)
    union all
    select 'safety_scores' as what, provider, day, user_id, provider_user_id
    from safety_scores
    where day between :from and :to
        and (:user = '' or user_id = :user)
        and (:person = '' or provider_user_id = :person)
    union all
    select 'collisions' as what, provider, day, user_id, provider_user_id
    from collisions
    where day between :from and :to
        and (:user = '' or user_id = :user)
        and (:person = '' or provider_user_id = :person)
    union all
    select 'clips' as what, provider, day, user_id, provider_user_id
    from clips
    where day between :from and :to
        and (:user = '' or user_id = :user)
        and (:person = '' or provider_user_id = :person)
) kept
group by what, provider
order by what, provider
