-- How the app stood around a day, as it said itself
select
    cast(day as varchar) as day,
    platform_string as platform,
    overall_color_code as overall,
    setup_color_code as setup,
    location_permissions_color_code as location_permissions,
    location_service_color_code as location_service,
    activity_permissions_color_code as activity_permissions,
    background_restrictions_color_code as background_restrictions,
    precise_location_color_code as precise_location,
    battery_optimization_color_code as battery_optimization
from zendrive_heartbeats
where
    provider_user_id = :who
    and day between cast(:first as date) and cast(:last as date)
order by day
