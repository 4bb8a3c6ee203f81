-- For a role and place, a higher level never pays less, and all levels together lie between the lowest
-- and the highest level (P25, P50, P75).
with ranked as (
    select estimate.*, level.rank,
        (select min(rank) from level) as lowest, (select max(rank) from level) as highest
    from estimate
    left join level on level.id = estimate.level
)

select low.role, low.metro, low.level, high.level as above
from ranked as low
join ranked as high using (role, metro)
where (
        high.rank = low.rank + 1
        or (high.rank is null and low.rank = low.lowest)
        or (low.rank is null and high.rank = high.highest)
    )
    and (low.p25 > high.p25 or low.p50 > high.p50 or low.p75 > high.p75)
