-- Every percentile of a distribution has a figure with the same amount and a citation.
with percentile as (
    unpivot (select id, source_id, series, p10, p25, p50, p75, p90 from distribution)
    on p10, p25, p50, p75, p90 into name measure value amount
),

cited as (
    select
        *,
        -- The last two digits of a BLS series id are the percentile.
        case
            when series is null then id || '-' || measure
            else source_id || ':' || series || map {'p10': '11', 'p25': '12', 'p50': '13', 'p75': '14', 'p90': '15'}[measure]
        end as figure_id
    from percentile
)

select cited.id, cited.figure_id
from cited
left join figure on figure.id = cited.figure_id
where figure.low is distinct from cited.amount or figure.topic <> 'percentile'
