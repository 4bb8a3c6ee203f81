-- Why medians moved. The median is the weighted geometric mean of what its sources say, so that the
-- log of its change is a sum over sources: what a source says counts with the mean of its weights, and
-- a change of its weight with the mean of its distances from the estimate. A source that one dataset
-- lacks has the weight 0 there. A newer release replaces an older one of its series.
create table cause as
with said_before as (
    select
        moved.id, coalesce(source.series, source.id) as release_of, source.id as source_id, voice.weight,
        voice.p50, ln(voice.p50) - (ln(before.p50) + ln(after.p50)) / 2 as distance
    from moved
    join earlier.voice as voice
        on voice.role = moved.role and voice.metro = moved.metro
        and voice.level is not distinct from moved.level
    join earlier.source as source on source.id = voice.source_id
    where change is not null
),

said_after as (
    select
        moved.id, coalesce(source.series, source.id) as release_of, source.id as source_id, voice.weight,
        voice.p50, ln(voice.p50) - (ln(before.p50) + ln(after.p50)) / 2 as distance
    from moved
    join later.voice as voice
        on voice.role = moved.role and voice.metro = moved.metro
        and voice.level is not distinct from moved.level
    join later.source as source on source.id = voice.source_id
    where change is not null
),

paired as (
    select
        id, one.source_id as replaced_id, coalesce(other.source_id, one.source_id) as source_id,
        one.weight as weight_before, other.weight as weight_after,
        one.p50 as p50_before, other.p50 as p50_after,
        one.distance as distance_before, other.distance as distance_after
    from said_before as one
    full join said_after as other using (id, release_of)
),

effects as (
    select *, 'added' as kind, weight_after * distance_after as effect
    from paired where weight_before is null
    union all
    select *, 'removed', -weight_before * distance_before
    from paired where weight_after is null
    union all
    select
        *, if(replaced_id = source_id, 'revised', 'replaced'),
        (weight_before + weight_after) / 2 * (distance_after - distance_before)
    from paired where p50_before <> p50_after or replaced_id <> source_id
    union all
    select
        *, 'reweighted',
        (distance_before + distance_after) / 2 * (weight_after - weight_before)
    from paired where weight_before <> weight_after
)

select
    id, kind, source_id, if(kind = 'replaced', replaced_id, null) as replaced_id,
    weight_before, weight_after, p50_before, p50_after, round(exp(effect), 4) as factor
from effects
