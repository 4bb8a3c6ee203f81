-- The estimate: for P25, P50 and P75, the weighted geometric mean of the sources' estimates. P10 and
-- P90 follow from the mean ratios P10 / P25 and P90 / P75 of the sources that have them. A region is
-- kept between the lowest and the highest of its metros, which rounding could leave by a dollar.
insert into estimate by name
with combined as (
    select
        role, level, metro,
        count(*) as sources,
        floor(exp(sum(exact(weight * ln(p25)))) + 0.5) as p25,
        floor(exp(sum(exact(weight * ln(p50)))) + 0.5) as p50,
        floor(exp(sum(exact(weight * ln(p75)))) + 0.5) as p75,
        sum(exact(weight * ln(p10 / p25))) / sum(weight::decimal(9, 6)) filter (p10 is not null) as low_tail,
        sum(exact(weight * ln(p90 / p75))) / sum(weight::decimal(9, 6)) filter (p90 is not null) as high_tail,
        list_sort(list_distinct(flatten(list(capped)))) as capped,
        max(p50) / min(p50) as apart
    from voice
    group by role, level, metro
),

hull as (
    select
        role, level, region as metro,
        min(p25) as low_p25, max(p25) as high_p25,
        min(p50) as low_p50, max(p50) as high_p50,
        min(p75) as low_p75, max(p75) as high_p75
    from combined
    join region_share using (role, metro)
    group by all
),

held as (
    select combined.* replace (
        least(greatest(combined.p25, low_p25), high_p25) as p25,
        least(greatest(combined.p50, low_p50), high_p50) as p50,
        least(greatest(combined.p75, low_p75), high_p75) as p75
    )
    from combined
    left join hull
        on hull.role = combined.role and hull.metro = combined.metro
        and hull.level is not distinct from combined.level
),

-- Sample sizes of the pooled sources, for the role in the place and in the nation.
counted as (
    select
        role, coalesce(geography, 'us') as metro, sum(n) as n, max(employers) as employers
    from pool_factor
    join newest using (source_id)
    where (part = 'role-metro' or (part = 'base' and level is null)) and n is not null
    group by all
),

-- Roles that nobody sampled: published bands, and official statistics of occupations that are only close.
unsampled as (
    select role from source_weight
    group by role
    having bool_and(kind = 'band' or is_proxy)
),

-- How far P25 and P75, or the medians of two sources, lie apart, to two decimals, as it is written. All
-- levels are rated one label lower.
rated as (
    select *, floor(100 * greatest(p75 / p25, apart) + 0.5) / 100 as reach from held
)

select
    rated.role, rated.level, rated.metro,
    floor(p25 * exp(low_tail) + 0.5) as p10, p25, p50, p75, floor(p75 * exp(high_tail) + 0.5) as p90,
    p25 as min, p75 as max,
    case
        when rated.role in (from unsampled) then 'low'
        when reach <= constant('high-confidence') and sources > 1 then if(rated.level is null, 'medium', 'high')
        when reach <= constant('medium-confidence') and rated.level is not null then 'medium'
        else 'low'
    end as confidence,
    counted.n, counted.employers, sources, capped
from rated
left join counted using (role, metro)
left join level on level.id = rated.level
order by rated.role, rated.metro, level.rank nulls first
