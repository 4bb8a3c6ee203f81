-- Find the quantiles of held-out pay over the estimate from the other folds, by role (null: all roles)
-- and levels: the values before and after each, of `total`. Distances are counted in millionths of log
-- pay, of which there are few, so that no group has to be sorted as a whole.
create or replace temp table distance as
-- With fewer than a hundred employers, use at most three values each, so that one employer with many
-- observations is not published as the spread of the group.
with residual as (
    select
        unit.role, unit.level, of_level, of_role,
        unnest(case
            when array_length(pays) <= 3 or behind.units >= 100 then pays
            else [
                list_extract(pays, 1 + array_length(pays) // 6),
                list_extract(pays, 1 + array_length(pays) // 2),
                list_extract(pays, array_length(pays) - array_length(pays) // 6)
            ]
        end) as log_pay
    from unit
    join located
        on located.left_out = unit.fold and located.role = unit.role
        and located.level = unit.level and located.geography = unit.geography
    join behind on behind.role = unit.role and behind.levels = 'all'
),

stated as (
    select role, 'stated' as levels, log_pay - of_level as apart from residual where level <> 'unstated'
    union all
    select role, 'all' as levels, log_pay - of_role as apart from residual
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
