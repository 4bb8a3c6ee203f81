-- Published bands. The ends are read as P25 and P75, and their geometric mean as P50. A source's rule
-- for a place applies to its own bands. All levels: as published, or the geometric mean of the bands.
-- Open-ended bands and pay other than base pay are excluded.
insert into priced
with stated as (
    select
        source_id, topic, role, coalesce(level, 'all') as level, geography as metro,
        floor(low + 0.5) as low, floor(high + 0.5) as high
    from figure
    where topic in ('band', 'offers') and bound <> 'over' and low > 0 and high > 0
        and period = 'year' and component = 'base'
        and geography in (select metro from place)
        and (source_id, role) not in (select (source_id, role) from priced)
),

reached as (
    select * from stated
    union all
    select stated.source_id, stated.topic, role, level, rule.metro, times(low, min_factor), times(high, max_factor)
    from stated
    join uplift_rule as rule on rule.source_id = stated.source_id and rule.topic = stated.topic
    where stated.metro = 'us' and rule.metro in (select metro from place)
),

-- If the source has bands for a place, the levels that it prices only nationally apply there as well.
everywhere as (
    select
        place.source_id, place.role, place.metro, band.level,
        min_by(band.low, band.metro = 'us') as low,
        min_by(band.high, band.metro = 'us') as high
    from (select distinct source_id, role, metro from reached) as place
    join reached as band
        on (band.source_id, band.role) = (place.source_id, place.role)
        and band.metro in (place.metro, 'us')
    group by all
),

whole as (
    select
        source_id, role, metro, 'all' as level,
        floor(exp(sum(exact(ln(low))) / count(*)) + 0.5) as low,
        floor(exp(sum(exact(ln(high))) / count(*)) + 0.5) as high
    from everywhere
    group by source_id, role, metro
    having not bool_or(level = 'all')
),

final as (
    select * from everywhere
    union all by name
    select * from whole
)

select
    'band' as kind, source_id, role, level, metro,
    [null, low, floor(sqrt(low * high) + 0.5), high, null], [], 1
from final
