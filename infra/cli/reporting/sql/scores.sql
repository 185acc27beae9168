-- How providers score somebody: the trips and, of the person, the newest of each kind
select
    provider,
    subject,
    trip_id,
    time,
    kind,
    provider_kind,
    score
from (
    select
        *,
        row_number() over (
            partition by provider, subject, coalesce(trip_id, ''), kind, provider_kind
            order by time desc
        ) as place
    from safety_scores
    where
        day between cast(:first as date) and cast(:last as date)
        and (
            (provider = 'zendrive' and provider_user_id = :zendrive)
            or (provider = 'dashcam' and provider_user_id = :dashcam)
            or (provider = 'sentiance' and provider_user_id = :sentiance)
            or (provider = 'move' and provider_user_id = :move)
        )
        and score is not null
) as ranked
where place = 1
order by provider, subject, trip_id, kind
limit 1000
