-- The components of the mixture for all levels of a role, in sources that publish percentiles by
-- level: each level, with its share of the observations, to the nine decimals that answers state.
create or replace temp table part as
select
    concat_ws('|', source_id, role, geography) as mixture,
    round(n / sum(n) over (partition by source_id, role, geography), 9) as share,
    [floor(pay + 0.5) for pay in [p10, p25, p50, p75, p90]] as pays,
    capped
from distribution
join newest using (source_id)
where role is not null and level is not null and n > 0 and component = 'base'
    and list_count([p10, p25, p50, p75, p90]) = 5
