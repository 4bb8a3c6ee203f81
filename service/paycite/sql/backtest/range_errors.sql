-- The errors of published ranges: overall, and by place (null: all places).
with compared as (
    select
        source_id, geography, employer, is_local,
        middle / exp(log_pay) - 1 as apart,
        -- In single precision, so that rounding does not exclude the ends of a range.
        log_pay::float between ln(low)::float and ln(high)::float as is_covered
    from divided
    join claimed using (role, level, geography)
    where part is not null
)

select
    source_id, geography,
    count(*) as n,
    count(*) filter (is_local) as n_local,
    count(distinct employer) as employers,
    median(abs(apart)) as median_absolute_error,
    median(apart) as bias,
    avg(is_covered::integer) as coverage
from compared
group by grouping sets ((source_id), (source_id, geography))
order by source_id, n desc, geography nulls first
