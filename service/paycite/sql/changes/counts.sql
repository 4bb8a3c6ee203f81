-- How many estimates there are, and how many of them are not the same in both datasets.
select
    (select count(*) from later.estimate) as estimates,
    count(*) filter (change is not null) as moved,
    count(*) filter (before is null) as added,
    count(*) filter (after is null) as removed,
    round(median(change), 4) as median_change
from moved
