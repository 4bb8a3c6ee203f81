-- Each estimate lies between the lowest and the highest of its sources' estimates (P25, P50, P75).
with hull as (
    select
        role, level, metro,
        min(p25) as min_p25, max(p25) as max_p25,
        min(p50) as min_p50, max(p50) as max_p50,
        min(p75) as min_p75, max(p75) as max_p75
    from voice
    group by all
)

select estimate.role, estimate.level, estimate.metro
from estimate
join hull
    on hull.role = estimate.role and hull.metro = estimate.metro
    and hull.level is not distinct from estimate.level
where p25 not between min_p25 and max_p25
    or p50 not between min_p50 and max_p50
    or p75 not between min_p75 and max_p75
