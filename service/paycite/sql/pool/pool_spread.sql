-- Write the percentiles of pay relative to central pay, for groups with enough employers.
insert into pool_spread by name
select
    concat_ws('-', $source || ':pooled-spread', spread.role, nullif(levels, 'all')) as id,
    $source as source_id,
    spread.role,
    levels,
    round(exp(distances[1]), 4) as p10,
    round(exp(distances[2]), 4) as p25,
    round(exp(distances[3]), 4) as p50,
    round(exp(distances[4]), 4) as p75,
    round(exp(distances[5]), 4) as p90,
    spread.n,
    if(spread.employers >= $fewest_spread, spread.employers, null) as employers,
    coalesce(role.title, 'all roles') || ', ' || levels || ' levels: pay over pooled central pay' as subject,
    'computed by Paycite from the observations of the source: quantiles of pay over cross-validated '
    || format('estimates (five folds of employers), shrunk toward all roles with k = {}', $k) as locator
from spread
join shown on shown.role is not distinct from spread.role and shown.level is null and shown.geography is null
left join role on role.id = spread.role
where (spread.employers >= $fewest_spread or spread.units - spread.employers >= $fewest_rows)
    -- All roles together cannot reveal another group by subtraction.
    and (shown.is_shown or spread.role is null)
