-- Safety scores of trips and of people, a row each, from 0 to 1, which is best
-- MOVE and Zendrive count to 100. Zendrive's ratings count from 1 to 5, which is taken for the best.
-- The dashcam gives nobody a score.
select
    'sentiance' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    told.subject,
    told.trip_id,
    told.time,
    case
        when told.word = 'harsh_acceleration' then 'acceleration'
        when told.word = 'harsh_braking' then 'braking'
        when told.word = 'harsh_turning' then 'cornering'
        else told.word
    end as kind,
    told.word as provider_kind,
    cast(told.score as double) as score,
    told.raw_key
from (
    select
        scored.provider_user_id,
        scored.day,
        'trip' as subject,
        scored.event_id as trip_id,
        scored."end" as time,
        word,
        score,
        scored.raw_key
    from sentiance_primary_safety_scores_transports scored
    left join sentiance_retold again
        on again.dataset = 'primary_safety_scores_transports'
        and again.day = scored.day
        and again.event_id = scored.event_id
        and again.provider_user_id = scored.provider_user_id
    cross join unnest(
        array['overall', 'legal', 'smooth', 'attention'],
        array[scored.overall, scored.legal, scored.smooth, scored.attention]
    ) as scores (word, score)
    where again.event_id is null
    union all
    select
        scored.provider_user_id,
        scored.day,
        'trip' as subject,
        scored.event_id as trip_id,
        scored."end" as time,
        word,
        score,
        scored.raw_key
    from sentiance_secondary_safety_scores_transports scored
    left join sentiance_retold again
        on again.dataset = 'secondary_safety_scores_transports'
        and again.day = scored.day
        and again.event_id = scored.event_id
        and again.provider_user_id = scored.provider_user_id
    cross join unnest(
        array[
            'focus', 'harsh_acceleration', 'harsh_braking', 'harsh_turning', 'anticipation', 'mounted'
        ],
        array[
            scored.focus,
            scored.harsh_acceleration,
            scored.harsh_braking,
            scored.harsh_turning,
            scored.anticipation,
            scored.mounted
        ]
    ) as scores (word, score)
    where again.event_id is null
    union all
    select
        insights.provider_user_id,
        insights.day,
        'trip' as subject,
        insights.event_id as trip_id,
        at_timezone(
            try(
                from_iso8601_timestamp(
                    json_extract_scalar(try(json_parse(insights.transport)), '$.end')
                )
            ),
            'UTC'
        ) as time,
        word,
        nullif(
            element_at(try(cast(json_parse(insights.safety_scores) as map(varchar, double))), word),
            -1.0
        ) as score,
        insights.raw_key
    from sentiance_driving_insights insights
    left join sentiance_retold again
        on again.dataset = 'driving_insights'
        and again.day = insights.day
        and again.event_id = insights.event_id
        and again.provider_user_id = insights.provider_user_id
    left join (
        select distinct provider_user_id, event_id, day
        from sentiance_primary_safety_scores_transports
    ) scored
        on scored.day = insights.day
        and scored.event_id = insights.event_id
        and scored.provider_user_id = insights.provider_user_id
    cross join unnest(
        array[
            'overall', 'legal', 'smooth', 'attention', 'focus', 'harsh_acceleration', 'harsh_braking',
            'harsh_turning', 'anticipation', 'mounted'
        ]
    ) as words (word)
    where again.event_id is null and scored.event_id is null
    union all
    select
        scored.provider_user_id,
        scored.day,
        'user' as subject,
        cast(null as varchar) as trip_id,
        scored."timestamp" as time,
        word,
        score,
        scored.raw_key
    from sentiance_primary_safety_scores_users scored
    cross join unnest(
        array['overall', 'legal', 'smooth', 'attention'],
        array[scored.overall, scored.legal, scored.smooth, scored.attention]
    ) as scores (word, score)
    union all
    select
        scored.provider_user_id,
        scored.day,
        'user' as subject,
        cast(null as varchar) as trip_id,
        scored."timestamp" as time,
        word,
        score,
        scored.raw_key
    from sentiance_secondary_safety_scores_users scored
    cross join unnest(
        array[
            'focus', 'harsh_acceleration', 'harsh_braking', 'harsh_turning', 'anticipation', 'mounted'
        ],
        array[
            scored.focus,
            scored.harsh_acceleration,
            scored.harsh_braking,
            scored.harsh_turning,
            scored.anticipation,
            scored.mounted
        ]
    ) as scores (word, score)
) told
left join user_links person
    on person.provider = 'sentiance'
    and person.provider_user_id = told.provider_user_id
where told.score is not null
union all
select
    'move' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    'trip' as subject,
    told.trip_id,
    told.end_ts as time,
    case
        when word = 'DFD' then 'attention'
        when word = 'SPEED' then 'legal'
        when word = 'ACCELERATION' then 'acceleration'
        when word = 'BRAKING' then 'braking'
        when word = 'CORNERING' then 'cornering'
        else 'other'
    end as kind,
    word as provider_kind,
    score / 100.0 as score,
    told.raw_key
from move_timeline_items told
left join user_links person
    on person.provider = 'move'
    and person.provider_user_id = told.provider_user_id
cross join unnest(
    array['DFD', 'SPEED', 'ACCELERATION', 'BRAKING', 'CORNERING'],
    array[
        told.score_dfd,
        told.score_speed,
        told.score_acceleration,
        told.score_braking,
        told.score_cornering
    ]
) as scores (word, score)
where score is not null
    and coalesce(told.type, '') <> 'FAKETRIP'
    and coalesce(told.transport_type, '') <> 'FAKETRIP'
union all
select
    'zendrive' as provider,
    person.user_id,
    told.provider_user_id,
    told.day,
    'trip' as subject,
    told.trip_id,
    trip.end_time as time,
    case
        when word = 'zendrive_score' then 'overall'
        when word = 'hard_brake_rating' then 'braking'
        when word = 'hard_turn_rating' then 'cornering'
        when word = 'rapid_acceleration_rating' then 'acceleration'
        when word = 'phone_use_rating' then 'attention'
        when word = 'overspeeding_rating' then 'legal'
        else 'other'
    end as kind,
    word as provider_kind,
    if(word = 'zendrive_score', score / 100.0, (score - 1.0) / 4.0) as score,
    told.raw_key
from zendrive_trip_scores told
left join zendrive_trips trip
    on trip.day = told.day
    and trip.trip_key = told.trip_key
    and trip.provider_user_id = told.provider_user_id
left join user_links person
    on person.provider = 'zendrive'
    and person.provider_user_id = told.provider_user_id
cross join unnest(
    array[
        'zendrive_score', 'hard_brake_rating', 'hard_turn_rating', 'rapid_acceleration_rating',
        'phone_use_rating', 'overspeeding_rating'
    ],
    array[
        told.zendrive_score,
        told.hard_brake_rating,
        told.hard_turn_rating,
        told.rapid_acceleration_rating,
        told.phone_use_rating,
        told.overspeeding_rating
    ]
) as scores (word, score)
where score is not null
