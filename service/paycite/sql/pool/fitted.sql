-- For each fold that is left out (5: none is), what the units of each role, level and place add up
-- to, and where they lie as far as is known: first, in the middle of all.
create or replace temp table fitted as
with folded as (
    select
        role, level, geography, fold,
        count(*) as n, sum(log_pay) as total, sum(log_pay ** 2) as squares
    from unit
    group by all
),

summed as (
    select
        left_out, role, level, geography,
        coalesce(sum(n) filter (fold <> left_out), 0) as n,
        coalesce(sum(total) filter (fold <> left_out), 0) as total,
        coalesce(sum(squares) filter (fold <> left_out), 0) as squares
    from folded
    cross join range(6) as fit (left_out)
    group by all
),

middle as (
    select left_out, sum(total) / sum(n) as location
    from summed
    group by left_out
),

final as (
    select
        summed.*,
        -- If all observations are in one fold, no other fold has a mean.
        coalesce(middle.location, (select avg(log_pay) from unit)) as location,
        []::double[] as effects,
        []::double[] as worths  -- of each, in units: its own, and what it is shrunk toward
    from summed
    left join middle using (left_out)
)

select * from final
order by role, level, geography, left_out  -- sums are of the same order, so the same
