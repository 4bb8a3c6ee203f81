-- Find the quantiles as in pool/distance.sql, but of one value, its median, for each employer in each
-- role, level and place: as often as the largest share counts it. The values before and after each are
-- averaged with one more on each side, because with few values a quantile is nearly one of them.
create or replace temp table distance as
with residual as (
    select unit.role, unit.level, log_pay - of_level as from_level, log_pay - of_role as from_role
    from unit
    join located
        on located.left_out = unit.fold and located.role = unit.role
        and located.level = unit.level and located.geography = unit.geography
),

stated as (
    select role, 'stated' as levels, from_level as apart from residual where level <> 'unstated'
    union all
    select role, 'all' as levels, from_role as apart from residual
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
        role, levels, millionths, n,
        sum(n) over (partition by role, levels order by millionths rows unbounded preceding) as up_to,
        sum(n) over (partition by role, levels) as total
    from grouped
),

probability as (select unnest($probabilities) as probability),

averaged as (
    select
        ranked.*, probability,
        greatest(floor(probability * (total - 1)) - 1, 0) as start,
        least(ceil(probability * (total - 1)) + 2, total) as past
    from ranked
    cross join probability
),

final as (
    select
        role, levels, probability, total::bigint as total,
        sum(millionths * greatest(least(up_to, past) - greatest(up_to - n, start), 0)) / max(past - start) as mean
    from averaged
    group by role, levels, probability, total
)

select role, levels, probability, total, mean as before, mean as after from final
