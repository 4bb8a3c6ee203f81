-- Write the spread of pay around its central value, for groups with enough employers.
insert into pool_spread by name
select
    concat_ws('-', $source || ':spread', spread.role, spread.level, coalesce(spread.geography, 'elsewhere')) as id,
    $source as source_id,
    spread.role,
    spread.level,
    spread.geography,
    round(exp(quantiles[1]), 4) as p10,
    round(exp(quantiles[2]), 4) as p25,
    round(exp(quantiles[3]), 4) as p50,
    round(exp(quantiles[4]), 4) as p75,
    round(exp(quantiles[5]), 4) as p90,
    shown.n,
    if(shown.employers >= $fewest_spread, shown.employers, null) as employers,
    concat_ws(
        ', ',
        coalesce(role.title, 'all roles'),
        coalesce(level.title, 'all levels'),
        coalesce(geography.name, 'places without their own')
    ) || ': pay over its pooled central value' as subject,
    'computed by Paycite from the observations of the source: quantiles of pay over the estimate '
    || format('from the other four folds, shrunk toward those of the broader group with k = {}', $k) as locator
from spread
join shown
    on shown.role is not distinct from spread.role
    and shown.level is not distinct from spread.level
    and shown.geography is not distinct from if(spread.geography = 'us', null, spread.geography)
left join role on role.id = spread.role
left join level on level.id = spread.level
left join geography on geography.id = spread.geography
where (shown.employers >= $fewest_spread or shown.anonymous >= $fewest_rows)
    -- The whole source has no parent to subtract it from, so complementary suppression does not apply.
    and (shown.is_shown or spread.role is null)
    and spread.level is distinct from 'unstated'
