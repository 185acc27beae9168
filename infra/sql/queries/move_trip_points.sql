-- MOVE: the way of the newest trip that has one, point by point, with speeds and their limits
select
    trip_id,
    "timestamp",
    lat,
    lon,
    speed,
    speed_limit,
    way_type
from move_points
where day >= current_date - interval '30' day
    and trip_id = (
        select max(trip_id)
        from move_points
        where day >= current_date - interval '30' day
    )
order by "timestamp"
