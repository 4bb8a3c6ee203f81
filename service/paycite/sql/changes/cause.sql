-- Why medians moved. The median is the weighted geometric mean of what its sources say, so that the
-- log of its change is a sum over sources: what a source says counts with the mean of its weights, and
-- a change of its weight with the mean of its distances from the estimate. A source that one dataset
-- lacks has the weight 0 there. A newer release replaces an older one of its series.
create table cause as
with voices as (
    select 'before' as side, * from earlier.voice
    union all by name
    select 'after' as side, * from later.voice
),

sources as (
    select 'before' as side, id, series from earlier.source
    union all
    select 'after' as side, id, series from later.source
),

said as (
    select
        moved.id, voice.side, coalesce(source.series, source.id) as release_of, source.id as source_id, voice.weight,
        voice.p50, ln(voice.p50) - (ln(before.p50) + ln(after.p50)) / 2 as distance
    from moved
    join voices as voice
        on voice.role = moved.role and voice.metro = moved.metro
        and voice.level is not distinct from moved.level
    join sources as source on source.side = voice.side and source.id = voice.source_id
    where change is not null
),

paired as (
    select
        id, one.source_id as replaced_id, coalesce(other.source_id, one.source_id) as source_id,
        one.weight as weight_before, other.weight as weight_after,
        one.p50 as p50_before, other.p50 as p50_after,
        one.distance as distance_before, other.distance as distance_after
    from (from said where side = 'before') as one
    full join (from said where side = 'after') as other using (id, release_of)
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
