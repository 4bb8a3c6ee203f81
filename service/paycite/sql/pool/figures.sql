-- Write each factor and spread as a figure with its own citation; also the minimum number of
-- employers that Paycite requires to publish a statistic.
insert into figure by name
with stated as (
    select
        id, source_id, 'derived' as kind, subject, role, level, geography, n, locator,
        amount as low, amount as high,
        if(part = 'base', 'pooled-pay', 'pooled-factor') as topic,
        if(part = 'base', 'usd', 'ratio') as unit,
        if(part = 'base', format('{:d}', amount::bigint), format('{:.4f}', amount)) as as_published
    from pool_factor
    where amount is not null
    union all by name
    select
        pool_spread.id || '-' || measure.name as id, source_id, 'derived' as kind,
        subject || ', ' || measure.called as subject,
        role, null as level, null as geography, n, locator, low, high,
        'pooled-factor' as topic, 'ratio' as unit,
        if(low = high, format('{:.4f}', low), format('{:.4f} to {:.4f}', low, high)) as as_published
    from pool_spread
    cross join lateral (
        values
            ('p50', 'median', p50, p50),
            ('p25-p75', '25th to 75th percentile', p25, p75),
            ('p10-p90', '10th to 90th percentile', p10, p90)
    ) as measure (name, called, low, high)
    union all by name
    select
        source_id || ':fewest-employers' as id, source_id, 'assumed' as kind,
        'minimum number of employers to publish a statistic of the source' as subject,
        if(is_private, $own_fewest, $fewest) as low, low as high,
        'count' as topic, 'count' as unit, low::integer::varchar as as_published,
        'declared by Paycite; if employers are not named, '
        || if(is_private, $own_fewest_rows, $fewest_rows) || ' observations' as locator
    from pool
    join source on source.id = pool.source_id
),

final as (
    select
        stated.* replace (coalesce(geography, 'us') as geography),
        false as and_above,
        'exact' as bound,
        if(unit = 'usd', 'USD', null) as currency,
        if(unit = 'usd', 'year', null) as period,
        if(unit = 'usd', pool.component, null) as component,
        pool.as_of,
        pool.note
    from stated
    join pool using (source_id)
)

-- Figures of shipped pools may already be in the table.
select * from final where id not in (select id from figure)
