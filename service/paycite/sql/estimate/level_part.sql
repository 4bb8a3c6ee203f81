-- The components of the mixture for all levels of a role, in sources that publish percentiles by
-- level: each level, with its share of the observations, to the nine decimals that answers state.
create or replace temp table part as
select
    concat_ws('|', source_id, role, metro) as mixture,
    round(n / sum(n) over (partition by source_id, role, metro), 9) as share,
    pays,
    capped
from published
where role is not null and level is not null and n > 0
