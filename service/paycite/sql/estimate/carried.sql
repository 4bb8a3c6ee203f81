-- Each source's pay for every level and for all levels together. A level that the source does not price
-- is derived from its nearest priced level (the lower of two), or else from all levels, times the ratio
-- of the level factors. A level derived from all levels gets a narrower spread. Then the spread is
-- calibrated (except for bands) and limited to the widest allowed P75 / P25.
create or replace temp table carried as
with scope as (
    select source_id, role, metro, list(level order by level) as levels
    from priced
    group by source_id, role, metro
),

-- If a source does not price all levels together, its level with the most observations is used.
counted as (
    select source_id, role, level, max(n) as n from priced group by source_id, role, level
),

chosen as (
    select
        kind.source_id, kind.role, kind.levels,
        target.level, target.rank, target.factor,
        counted.level as priced_level, origin.factor as priced_factor,
        if(priced_level = target.level, counted.n, 1) as level_weight
    from (select distinct source_id, role, levels from scope) as kind
    join factor as target on target.role = kind.role
    join counted
        on (counted.source_id, counted.role) = (kind.source_id, kind.role)
        and list_contains(kind.levels, counted.level)
    join factor as origin on (origin.role, origin.level) = (kind.role, counted.level)
    qualify row_number() over (
        partition by kind.source_id, kind.role, kind.levels, target.level
        order by
            origin.rank <> target.rank,
            origin.rank = 0,
            if(target.rank = 0, -counted.n, abs(origin.rank - target.rank)),
            origin.rank
    ) = 1
),

measured as (
    select
        priced.kind, chosen.source_id, chosen.role, chosen.level, chosen.rank, scope.metro,
        chosen.priced_level, chosen.level_weight, priced.capped, priced.pays as priced,
        round(chosen.factor / chosen.priced_factor, 4) as level_factor,
        if(kind = 'band', 1, constant('spread-calibration'))
        * if(chosen.priced_level = 'all' and chosen.level <> 'all', constant('spread-of-level'), 1) as kept,
        least(kept, ln(constant('widest-range')) / nullif(ln(priced.pays[4] / priced.pays[2]), 0)) as limited,
        if(limited = 1, 1, floor(limited * 10000 + 1e-6) / 10000) as power
    from scope
    join chosen using (source_id, role, levels)
    join priced
        on (priced.source_id, priced.role, priced.metro, priced.level)
        = (scope.source_id, scope.role, scope.metro, chosen.priced_level)
)

select
    * exclude (kept, limited),
    [times(pay, level_factor) for pay in priced] as leveled,
    narrowed(leveled, power) as pays
from measured
