-- As pool/distance.sql, but the values before and after each quantile are averaged with one more on each
-- side, because with few values a quantile is nearly one of them.
create or replace temp table distance as
with probability as (select unnest($probabilities) as probability),

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
