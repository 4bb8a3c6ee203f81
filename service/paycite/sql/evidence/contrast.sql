-- The log ratio of pay at each level to senior pay, by role and kind of source; for `senior`, the log
-- ratio of senior pay to pay at all levels. In filings, each employer counts once per role, level and
-- place (with its median), and levels are compared within a place.
create or replace temp table contrast as
with cell as (
    select role, level, geography, total::double / n as log_pay, n from filed
),

in_place as (
    select role, geography, sum(total)::double / sum(n) as log_pay from filed group by role, geography
),

behind as (select * from filers where role is not null and level is not null),

compared as (
    select
        cell.role, cell.level,
        sum(weight * (cell.log_pay - senior.log_pay)) / sum(weight) as log_ratio,
        sum(weight) as weight
    from cell
    join cell as senior
        on senior.level = 'senior' and (senior.role, senior.geography) = (cell.role, cell.geography)
    cross join lateral (select cell.n * senior.n / (cell.n + senior.n) as weight)
    where cell.level not in ('senior', 'unstated')
    group by cell.role, cell.level
    union all by name
    select
        cell.role, 'senior' as level,
        sum(n * (cell.log_pay - in_place.log_pay)) / sum(n) as log_ratio,
        sum(n)::bigint as weight
    from cell
    join in_place using (role, geography)
    where cell.level = 'senior'
    group by cell.role
),

-- Roles with advertised ranges for at least entry, mid and senior, from the source with the most
-- ranges for the role.
published as (
    select *, sum(n) over (partition by source_id, role) as ranges_of_role
    from distribution
    where role is not null and level is not null and geography = 'us' and component = 'base' and n >= $fewest_ranges
    qualify count(*) filter (level in ('entry', 'mid', 'senior')) over (partition by source_id, role) = 3
),

chosen as (
    select *
    from published
    qualify dense_rank() over (partition by role order by ranges_of_role desc, source_id) = 1
),

advertised as (
    select
        chosen.role, chosen.level, n, n / (n + $k) as weight,
        max(p50) filter (level = 'senior') over (partition by chosen.role) as senior,
        if(level = 'senior', ln(p50 / all_levels.median), ln(p50 / senior)) as log_ratio
    from chosen
    join all_levels using (source_id, role)
),

final as (
    select 'filings' as source, role, level, filings, employers, 0 as ranges, employers as support, log_ratio, weight
    from compared
    join behind using (role, level)
    union all by name
    select
        'advertisements' as source, role, level, 0 as filings, 0 as employers, n as ranges, n as support,
        log_ratio, weight
    from advertised
)

select * from final
