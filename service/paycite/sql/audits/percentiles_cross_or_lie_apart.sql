-- P75 / P25 is at most 2.2, and percentiles do not cross, in the estimates and in each source's.
with stated as (
    select role, level, metro, null as source_id, p10, p25, p50, p75, p90 from estimate
    union all
    select role, level, metro, source_id, p10, p25, p50, p75, p90 from voice
)

select role, level, metro, source_id
from stated
where p75 > 2.2 * p25 or p10 > p25 or p25 > p50 or p50 > p75 or p75 > p90
