-- What is held of whom: a row for each row of every table that names people, by dataset
-- What could not be read is in quarantine, of whatever provider; nobody may be named there.
select
    held.provider,
    person.user_id,
    held.provider_user_id,
    held.day,
    held.dataset,
    held.raw_key
from (
    select 'sentiance', 'driver_passenger', provider_user_id, day, raw_key
    from sentiance_driver_passenger
    union all
    select 'sentiance', 'driving_events_all', provider_user_id, day, raw_key
    from sentiance_driving_events_all
    union all
    select 'sentiance', 'driving_events_significant', provider_user_id, day, raw_key
    from sentiance_driving_events_significant
    union all
    select 'sentiance', 'primary_safety_scores_transports', provider_user_id, day, raw_key
    from sentiance_primary_safety_scores_transports
    union all
    select 'sentiance', 'secondary_safety_scores_transports', provider_user_id, day, raw_key
    from sentiance_secondary_safety_scores_transports
    union all
    select 'sentiance', 'primary_safety_scores_users', provider_user_id, day, raw_key
    from sentiance_primary_safety_scores_users
    union all
    select 'sentiance', 'secondary_safety_scores_users', provider_user_id, day, raw_key
    from sentiance_secondary_safety_scores_users
    union all
    select 'sentiance', 'trajectories', provider_user_id, day, raw_key
    from sentiance_trajectories
    union all
    select 'sentiance', 'transports', provider_user_id, day, raw_key
    from sentiance_transports
    union all
    select 'sentiance', 'custom_scores', provider_user_id, day, raw_key
    from sentiance_custom_scores
    union all
    select 'sentiance', 'badges', provider_user_id, day, raw_key
    from sentiance_badges
    union all
    select 'sentiance', 'challenges', provider_user_id, day, raw_key
    from sentiance_challenges
    union all
    select 'sentiance', 'streaks', provider_user_id, day, raw_key
    from sentiance_streaks
    union all
    select 'sentiance', 'groups', provider_user_id, day, raw_key
    from sentiance_groups
    union all
    select 'sentiance', 'group_members', provider_user_id, day, raw_key
    from sentiance_group_members
    union all
    select 'sentiance', 'communications', provider_user_id, day, raw_key
    from sentiance_communications
    union all
    select 'sentiance', 'feedback', provider_user_id, day, raw_key
    from sentiance_feedback
    union all
    select 'sentiance', 'app_events', provider_user_id, day, raw_key
    from sentiance_app_events
    union all
    select 'sentiance', 'off_the_grids', provider_user_id, day, raw_key
    from sentiance_off_the_grids
    union all
    select 'sentiance', 'daily_rewards', provider_user_id, day, raw_key
    from sentiance_daily_rewards
    union all
    select 'sentiance', 'driving_insights', provider_user_id, day, raw_key
    from sentiance_driving_insights
    union all
    select 'sentiance', 'crash_insights', provider_user_id, day, raw_key
    from sentiance_crash_insights
    union all
    select 'move', 'notifications', provider_user_id, day, raw_key
    from move_notifications
    union all
    select 'move', 'timeline_items', provider_user_id, day, raw_key
    from move_timeline_items
    union all
    select 'move', 'driving_events', provider_user_id, day, raw_key
    from move_driving_events
    union all
    select 'move', 'phone_distractions', provider_user_id, day, raw_key
    from move_phone_distractions
    union all
    select 'move', 'dangerous_areas', provider_user_id, day, raw_key
    from move_dangerous_areas
    union all
    select 'move', 'points', provider_user_id, day, raw_key
    from move_points
    union all
    select 'dashcam', 'events', provider_user_id, day, raw_key
    from dashcam_events
    union all
    select 'dashcam', 'event_listings', provider_user_id, day, raw_key
    from dashcam_event_listings
    union all
    select 'dashcam', 'event_details', provider_user_id, day, raw_key
    from dashcam_event_details
    union all
    select 'dashcam', 'event_assets', provider_user_id, day, raw_key
    from dashcam_event_assets
    union all
    select 'dashcam', 'event_videos', provider_user_id, day, raw_key
    from dashcam_event_videos
    union all
    select 'dashcam', 'event_snapshots', provider_user_id, day, raw_key
    from dashcam_event_snapshots
    union all
    select 'dashcam', 'points', provider_user_id, day, raw_key
    from dashcam_points
    union all
    select 'dashcam', 'safety_report', provider_user_id, day, raw_key
    from dashcam_safety_report
    union all
    select 'dashcam', 'manual_uploads', provider_user_id, day, raw_key
    from dashcam_manual_uploads
    union all
    select 'dashcam', 'webhook_messages', provider_user_id, day, raw_key
    from dashcam_webhook_messages
    union all
    select 'dashcam', 'clips', provider_user_id, day, raw_key
    from dashcam_clips
    union all
    select 'zendrive', 'trips', provider_user_id, day, raw_key
    from zendrive_trips
    union all
    select 'zendrive', 'events', provider_user_id, day, raw_key
    from zendrive_events
    union all
    select 'zendrive', 'trip_scores', provider_user_id, day, raw_key
    from zendrive_trip_scores
    union all
    select 'zendrive', 'collisions', provider_user_id, day, raw_key
    from zendrive_collisions
    union all
    select 'zendrive', 'motion', provider_user_id, day, raw_key
    from zendrive_motion
    union all
    select 'zendrive', 'gps_points', provider_user_id, day, raw_key
    from zendrive_gps_points
    union all
    select 'zendrive', 'auth_days', provider_user_id, day, raw_key
    from zendrive_auth_days
    union all
    select 'zendrive', 'heartbeats', provider_user_id, day, raw_key
    from zendrive_heartbeats
    union all
    select 'zendrive', 'notifications', provider_user_id, day, raw_key
    from zendrive_notifications
    union all
    select provider, 'quarantine', provider_user_id, day, raw_key
    from quarantine
) as held (provider, dataset, provider_user_id, day, raw_key)
left join user_links person
    on person.provider = held.provider
    and person.provider_user_id = held.provider_user_id
