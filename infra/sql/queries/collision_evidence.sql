-- A collision's evidence over all providers: tellings, g-force, speed, trip, events, scores and footage
-- :collision text = ''  collision_id as a provider has it; the newest where it is empty
-- :from date = today-30  first day on which to look, of the provider's data
-- :to date = today  last day
-- :minutes integer = 120  how far from the impact a trip, an event or a collision may be
with impacts as (
    select
        provider, user_id, provider_user_id, collision_id, time, speed_mps, g_force, severity,
        confidence, raw_key
    from collisions
    where day between :from and :to
),
chosen as (
    select user_id, provider, provider_user_id, time
    from impacts
    where :collision = '' or collision_id = :collision
    order by time desc nulls last, g_force desc nulls last
    limit 1
),
evidence as (
    select
        'collision' as what, provider, user_id, provider_user_id, time,
        severity as detail, speed_mps * 3.6 as speed_kmh, g_force, confidence as value, 'confidence' as unit,
        raw_key as source
    from impacts
    union all
    select
        'trip', provider, user_id, provider_user_id, start_time,
        concat(mode, ', ', role), max_speed_mps * 3.6, null, distance_m / 1000, 'km', raw_key
    from trips
    where day between :from and :to and mode <> 'still'
    union all
    select
        'event', provider, user_id, provider_user_id, time,
        kind, speed_mps * 3.6, null, duration_s, 's', raw_key
    from driving_events
    where day between :from and :to
    union all
    select
        'score', provider, user_id, provider_user_id, time,
        concat(subject, ', ', kind), null, null, score, '0..1', raw_key
    from safety_scores
    where day between :from and :to
    union all
    select
        'clip', provider, user_id, provider_user_id, recorded_at,
        concat(camera, ', ', coalesce(outcome, origin)), null, null, cast(bytes as double), 'bytes', media_key
    from clips
    where day between :from and date_add('day', 7, :to)
)
select
    evidence.what,
    evidence.provider,
    evidence.time,
    date_diff('second', chosen.time, evidence.time) as seconds_from_impact,
    evidence.detail,
    round(evidence.speed_kmh, 1) as speed_kmh,
    round(evidence.g_force, 2) as g_force,
    round(evidence.value, 3) as value,
    evidence.unit,
    evidence.source
from evidence
cross join chosen
where (
        evidence.user_id = chosen.user_id
        or (
            evidence.provider = chosen.provider
            and evidence.provider_user_id = chosen.provider_user_id
        )
    )
    and abs(date_diff('minute', chosen.time, evidence.time)) <= :minutes
order by evidence.time, evidence.what, evidence.provider, evidence.detail
