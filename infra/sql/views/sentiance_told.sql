-- Which trips Sentiance told of: in what dataset, of whom, and on which day
select 'transports' as dataset, provider_user_id, event_id, day
from sentiance_transports
where event_id is not null
union all
select 'trajectories' as dataset, provider_user_id, event_id, day
from sentiance_trajectories
where event_id is not null
union all
select 'driving_events_all' as dataset, provider_user_id, event_id, day
from sentiance_driving_events_all
where event_id is not null
union all
select 'driving_events_significant' as dataset, provider_user_id, event_id, day
from sentiance_driving_events_significant
where event_id is not null
union all
select 'driving_insights' as dataset, provider_user_id, event_id, day
from sentiance_driving_insights
where event_id is not null
union all
select 'primary_safety_scores_transports' as dataset, provider_user_id, event_id, day
from sentiance_primary_safety_scores_transports
where event_id is not null
union all
select 'secondary_safety_scores_transports' as dataset, provider_user_id, event_id, day
from sentiance_secondary_safety_scores_transports
where event_id is not null
