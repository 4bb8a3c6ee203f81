-- The prior for each place from official statistics, relative to its mean over the source's
-- observations, because the source's place effects are relative to its own places.
create or replace temp table prior as
with mean as (
    select fitted.left_out, sum(n * log_factor) / sum(n) as log_factor
    from fitted
    join official using (geography)
    where fitted.n > 0
    group by fitted.left_out
),

final as (
    select
        mean.left_out,
        official.geography,
        official.log_factor - mean.log_factor as log_factor
    from official
    cross join mean
)

select * from final
