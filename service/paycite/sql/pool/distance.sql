-- Find the quantiles of the distances by role (null: all roles) and levels: the values before and after
-- each, of `total`.
create or replace temp table distance as
with probability as (select unnest($probabilities) as probability)

select
    role, levels, probability, total::bigint as total,
    min(millionths) filter (where up_to > floor(probability * (total - 1))) as before,
    min(millionths) filter (where up_to > ceil(probability * (total - 1))) as after
from ranked
cross join probability
group by role, levels, probability, total
