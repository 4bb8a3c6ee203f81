-- The percentiles of base pay that sources publish, in whole dollars, where all five are known.
create or replace temp table published as
select
    source_id, is_official, occupation, role, level, geography as metro, n, capped,
    [floor(pay + 0.5) for pay in [p10, p25, p50, p75, p90]] as pays
from distribution
join newest using (source_id)
where component = 'base' and list_count(pays) = 5
