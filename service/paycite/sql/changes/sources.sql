-- How each source changed, and how many estimates this moved; none for a source that only one dataset
-- has and no estimate depends on.
with moving as (
    select
        kind, source_id, replaced_id, count(*) as estimates, round(median(factor), 4) as factor
    from cause
    group by kind, source_id, replaced_id
),

named as (
    select source_id from moving where kind <> 'reweighted'
    union
    select replaced_id from moving
)

from moving
union all
select 'added', id, null, 0, null from later.source
where id not in (select id from earlier.source) and id not in (from named where source_id is not null)
union all
select 'removed', id, null, 0, null from earlier.source
where id not in (select id from later.source) and id not in (from named where source_id is not null)
order by estimates desc, source_id, kind
