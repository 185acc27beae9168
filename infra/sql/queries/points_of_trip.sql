-- One trip, point by point: place, speed and limit; of the newest trip with points unless one is named
-- :day date = today-1  the trip's day, of the provider's data
-- :trip text = ''  trip_id, of the dashcam an event's uuid; the newest where it is empty
-- :provider text = ''  one provider; all where it is empty
-- :user text = ''  our user_id, which makes it cheaper; anybody where it is empty
-- :person text = ''  a provider's id for somebody, likewise
select
    provider,
    trip_id,
    time,
    round(latitude, 6) as latitude,
    round(longitude, 6) as longitude,
    round(speed_mps * 3.6, 1) as speed_kmh,
    round(speed_limit_mps * 3.6, 1) as limit_kmh,
    heading_degrees,
    provider_source
from trip_points
where day = :day
    and (:provider = '' or provider = :provider)
    and (:user = '' or user_id = :user)
    and (:person = '' or provider_user_id = :person)
    and trip_id = if(
        :trip <> '',
        :trip,
        (
            select max_by(trip_id, time)
            from trip_points
            where day = :day
                and :trip = ''
                and (:provider = '' or provider = :provider)
                and (:user = '' or user_id = :user)
                and (:person = '' or provider_user_id = :person)
        )
    )
order by provider, time
