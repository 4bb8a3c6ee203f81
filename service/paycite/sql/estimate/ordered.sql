-- Make pay rise with the level within each source: isotonic regression of each percentile over the
-- levels, with the same level weights for every percentile. All levels together are kept between the
-- lowest and the highest level.
create or replace temp table ordered as
with broken as (
    select distinct source_id, role, metro
    from carried as low
    join carried as high using (source_id, role, metro)
    where low.rank > 0 and high.rank = low.rank + 1
        and (
            low.pays[1] > high.pays[1] or low.pays[2] > high.pays[2] or low.pays[3] > high.pays[3]
            or low.pays[4] > high.pays[4] or low.pays[5] > high.pays[5]
        )
),

ladder as (
    select
        source_id, role, metro,
        list(level order by rank) as levels,
        list(pays order by rank) as pays,
        list(level_weight::double order by rank) as weights,
        list_sort(list_distinct(flatten(list(capped)))) as capped
    from carried
    join broken using (source_id, role, metro)
    where rank > 0
    group by source_id, role, metro
),

isotone as (
    select
        source_id, role, metro, levels, capped,
        [
            if(
                list_count([pay[q] for pay in pays]) = len(pays),
                [floor(exp(x) + 0.5) for x in isotonic([ln(pay[q]) for pay in pays], weights)],
                null
            )
            for q in range(1, 6)
        ] as by_quantile
    from ladder
),

isotone_level as (
    select
        source_id, role, metro, levels[i] as level, capped,
        [by_quantile[q][i] for q in range(1, 6)] as pays
    from isotone
    cross join range(1, (select count(*) + 1 from level)) as place (i)
),

risen as (
    select carried.* replace (
        coalesce(isotone_level.pays, carried.pays) as pays,
        coalesce(isotone_level.capped, carried.capped) as capped
    )
    from carried
    left join isotone_level using (source_id, role, metro, level)
),

whole as (
    select
        every.* replace (
            -- Adding 0 times a null gives null: if one of the three has no P10, the result has none.
            [
                least(greatest(every.pays[q], lowest.pays[q]), highest.pays[q])
                + 0 * (every.pays[q] + lowest.pays[q] + highest.pays[q])
                for q in range(1, 6)
            ] as pays
        )
    from risen as every
    join risen as lowest using (source_id, role, metro)
    join risen as highest using (source_id, role, metro)
    where every.rank = 0
        and lowest.rank = (select min(rank) from level)
        and highest.rank = (select max(rank) from level)
),

final as (
    select * from risen where rank > 0
    union all by name
    select * from whole
)

select final.*, final.pays <> carried.pays as is_ordered
from final
join carried using (source_id, role, metro, level)
