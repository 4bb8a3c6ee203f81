-- Find the quantiles as in pool/distance.sql, but of one value, its median, for each employer in each
-- role, level and place: as often as the largest share counts it.
create or replace temp table distance as
with stated as (
    select unit.role, 'stated' as levels, log_pay - of_level as apart
    from unit
    join located
        on located.left_out = unit.fold and located.role = unit.role
        and located.level = unit.level and located.geography = unit.geography
    where unit.level <> 'unstated'
    union all
    select unit.role, 'all' as levels, log_pay - of_role as apart
    from unit
    join located
        on located.left_out = unit.fold and located.role = unit.role
        and located.level = unit.level and located.geography = unit.geography
),

rounded as (
    select role, levels, floor(apart * 1000000 + 0.5)::bigint as millionths, count(*) as n
    from stated
    group by 1, 2, 3
),

grouped as (
    select role, levels, millionths, n from rounded
    union all
    select null, levels, millionths, sum(n) as n from rounded group by levels, millionths
),

ranked as (
    select
        role, levels, millionths,
        sum(n) over (partition by role, levels order by millionths rows unbounded preceding) as up_to,
        sum(n) over (partition by role, levels) as total
    from grouped
),

probability as (select unnest($probabilities) as probability)

select
    role, levels, probability, total::bigint as total,
    min(millionths) filter (where up_to > floor(probability * (total - 1))) as before,
    min(millionths) filter (where up_to > ceil(probability * (total - 1))) as after
from ranked
cross join probability
group by role, levels, probability, total
