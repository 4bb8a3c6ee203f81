-- The prior for each place as in pool/prior.sql, but relative to its mean over the published places,
-- weighted by published counts: the mean over the observations would reveal how many there are in each
-- place. Without a published place, it is the ratio to the nation.
create or replace temp table prior as
with mean as (
    select coalesce(sum(weight * log_factor) / sum(weight), 0) as log_factor
    from published_place
    join official using (geography)
)

select left_out, geography, official.log_factor - mean.log_factor as log_factor
from official
cross join mean
cross join range(6) as fit (left_out)
