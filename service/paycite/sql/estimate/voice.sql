-- Each source's estimate in every place: from its pay for the place, or else for the nation. In a
-- region, each percentile is the geometric mean over the metros, weighted by their shares.
insert into voice by name
with reach as (
    select distinct source_id, role, metro from ordered
),

priced_place as (
    select pair.source_id, pair.role, place.metro, coalesce(there.metro, 'us') as priced_metro
    from (select distinct source_id, role from reach) as pair
    cross join place
    left join reach as there
        on (there.source_id, there.role, there.metro) = (pair.source_id, pair.role, place.metro)
),

placed as (
    select
        ordered.role, ordered.level, target.metro, ordered.source_id, source_weight.weight,
        ordered.priced_level, target.priced_metro,
        level_factor, power, level_weight, is_ordered,
        pays[1] as p10, pays[2] as p25, pays[3] as p50, pays[4] as p75, pays[5] as p90,
        list_sort(capped) as capped
    from priced_place as target
    join ordered
        on (ordered.source_id, ordered.role, ordered.metro) = (target.source_id, target.role, target.priced_metro)
    join source_weight on (source_weight.source_id, source_weight.role) = (target.source_id, target.role)
),

joined as (
    select
        placed.role, level, region as metro, source_id, any_value(weight) as weight, region as priced_metro,
        if(count(p10) = count(*), floor(exp(sum(exact(share * ln(p10)))) + 0.5), null) as p10,
        floor(exp(sum(exact(share * ln(p25)))) + 0.5) as p25,
        floor(exp(sum(exact(share * ln(p50)))) + 0.5) as p50,
        floor(exp(sum(exact(share * ln(p75)))) + 0.5) as p75,
        if(count(p90) = count(*), floor(exp(sum(exact(share * ln(p90)))) + 0.5), null) as p90,
        list_sort(list_distinct(flatten(list(capped)))) as capped
    from placed
    join region_share using (role, metro)
    group by placed.role, level, region, source_id
),

final as (
    select * from placed
    union all by name
    select * from joined
)

select final.* replace (nullif(final.level, 'all') as level, nullif(priced_level, 'all') as priced_level)
from final
left join level on level.id = final.level
order by role, metro, level.rank nulls first, source_id
