-- Percentiles that a source publishes by role and level. All levels: as published, or the mixture of
-- two or more levels. If the source prices only one level, `carried.sql` derives all levels from it.
insert into priced
with stated as (
    select
        source_id, role, coalesce(level, 'all') as level, metro, coalesce(n, 1)::double as n, pays, capped
    from published
    where role is not null and metro in (select metro from place)
),

final as (
    select source_id, role, level, metro, pays, capped, n from stated
    union all
    select source_id, role, 'all', metro, mixed.pays, mixed.capped, sum(n)
    from stated
    join mixed on mixed.mixture = concat_ws('|', source_id, role, metro)
    group by source_id, role, metro, mixed.pays, mixed.capped
    having count(*) > 1 and not bool_or(level = 'all')
)

select 'distribution', final.* from final
