-- The sources that estimates use: the newest release of each series. Official statistics by occupation
-- are a single series, whoever publishes them.
create or replace temp table newest as
with release as (
    select
        distribution.source_id,
        if(occupation is null, coalesce(source.series, source_id), 'official') as series,
        max(as_of) as as_of
    from distribution
    join source on source.id = distribution.source_id
    group by all
    union all
    select pool.source_id, coalesce(source.series, pool.source_id), as_of
    from pool
    join source on source.id = pool.source_id
)

select source_id, series = 'official' as is_official
from release
qualify row_number() over (partition by series order by as_of desc nulls last, source_id desc) = 1
