-- Start the fit. For each held-out fold (5: none), sum the units of each role, level and place that
-- are not in the fold. The estimate (`location`) starts at the grand mean.
create or replace temp table fitted as
with summed as (
    select
        left_out, role, level, geography,
        coalesce(sum(n) filter (fold <> left_out), 0) as n,
        coalesce(sum(total) filter (fold <> left_out), 0)::double as total,
        coalesce(sum(squares) filter (fold <> left_out), 0)::double as squares
    from folded
    cross join range(6) as fit (left_out)
    group by all
),

middle as (
    select left_out, sum(total)::double / sum(n) as location
    from folded
    join range(6) as fit (left_out) on fold <> left_out
    group by left_out
),

final as (
    select
        summed.*,
        -- If all observations are in one fold, no other fold has a mean.
        coalesce(middle.location, (select sum(total)::double / sum(n) from folded)) as location,
        []::double[] as effects
    from summed
    left join middle using (left_out)
)

select * from final
order by role, level, geography, left_out  -- so that floating-point sums are reproducible
