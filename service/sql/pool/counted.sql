-- How many observations and employers stand behind each part (null: all of them together), and
-- whether that is enough to show it: $fewest employers, or $fewest_rows observations that name none;
-- to show how its pay is spread, $fewest_spread employers.
create or replace temp table counted as
with placed as (
    select * from unit
    union all
    select unit.* replace (region.id as geography)
    from unit
    join region on region.metro = unit.geography
),

stated as (
    select
        role, level, null as geography,
        sum(n) as n, count(distinct employer) as employers, sum(n) filter (employer is null) as anonymous
    from unit
    group by grouping sets ((), (role), (role, level))
    union all
    select
        role, level, geography,
        sum(n), count(distinct employer), sum(n) filter (employer is null)
    from placed
    where geography <> 'us'
    group by grouping sets ((geography), (role, geography), (role, level, geography))
),

final as (
    select
        role, level, geography, n, employers,
        employers >= $fewest or coalesce(anonymous, 0) >= $fewest_rows as is_shown,
        employers >= $fewest_spread or coalesce(anonymous, 0) >= $fewest_rows as is_spread_shown
    from stated
)

select * from final
