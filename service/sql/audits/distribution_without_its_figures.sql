-- Every percentile of a distribution is a figure of the same amount, with its citation.
with percentile as (
    unpivot (select id, source_id, p10, p25, p50, p75, p90 from distribution)
    on p10, p25, p50, p75, p90 into name measure value amount
)

select id, measure
from percentile
where not exists (
    select 1
    from figure
    where
        figure.source_id = percentile.source_id
        and figure.topic = 'percentile'
        and figure.low = percentile.amount
        and (starts_with(figure.id, percentile.id))
)
