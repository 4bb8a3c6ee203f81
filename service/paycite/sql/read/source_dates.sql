-- A forecast says nothing of how new its source is.
with stated as (
    select source_id, as_of from pool
    union all
    select source_id, as_of from distribution
    union all
    select source_id, as_of from figure where bound <> 'projected'
),

period as (
    select
        source_id,
        case
            when regexp_full_match(as_of, '[0-9]{4}') then (as_of || '-12-31')::date
            when as_of like '%-Q_' then last_day(make_date(as_of[:4]::int, 3 * as_of[7:]::int, 1))
            when as_of like '%-H_' then last_day(make_date(as_of[:4]::int, 6 * as_of[7:]::int, 1))
            when regexp_full_match(as_of, '[0-9]{4}-[0-9]{2}') then last_day((as_of || '-01')::date)
            else as_of::date
        end as last
    from stated
),

dated as (
    select
        source.id,
        source.series,
        least(
            max(period.last),
            case precision
                when 'month' then last_day(published)
                when 'year' then published + interval 1 year - interval 1 day
                else published
            end
        )::date as newest
    from source
    left join period on source.id = period.source_id
    where not source.is_private
    group by source.id, source.series, source.published, source.precision
)

select id, series, newest from dated where newest is not null
order by id
