-- Predict by pooling: the sum of the fitted effects, with the spread of the role around it. For the
-- nation (`us`: the observation names no place) there is no place effect. For observations without a
-- level, use the effect of such observations, or with $as_answered, like the API, that of all levels.
insert into predicted by name
with named as (
    select
        role, level, geography,
        if($as_answered and level = 'unstated', null, level) as for_level,
        geography <> 'us' as is_placed
    from asked
),

middle as (
    select any_value(location - list_sum(effects)) as location
    from fitted
    where left_out = 5
),

known as (
    select * from effect where left_out = 5
),

located as (
    select
        named.*,
        middle.location
        + coalesce(of_role.log_factor, 0)
        + coalesce(of_level.log_factor, 0)
        + coalesce(of_metro.log_factor, prior.log_factor, 0)
        + coalesce(of_role_metro.log_factor, 0) as location
    from named
    cross join middle
    left join known as of_role on of_role.stage = 'role' and of_role.role = named.role
    left join known as of_level
        on of_level.stage = 'level' and of_level.role = named.role and of_level.level = named.for_level
    left join known as of_metro
        on of_metro.stage = 'metro' and is_placed and of_metro.geography = named.geography
    left join prior on prior.left_out = 5 and is_placed and prior.geography = named.geography
    left join known as of_role_metro
        on of_role_metro.stage = 'role-metro' and is_placed
        and of_role_metro.role = named.role and of_role_metro.geography = named.geography
),

spread_out as (
    select located.*, coalesce(of_role.distances, whole.distances) as quantiles
    from located
    left join spread as of_role
        on of_role.role = located.role
        and of_role.levels = if(coalesce(for_level, 'unstated') = 'unstated', 'all', 'stated')
    join spread as whole
        on whole.role is null
        and whole.levels = if(coalesce(for_level, 'unstated') = 'unstated', 'all', 'stated')
),

final as (
    select
        $method as method, $part as part, role, level, geography,
        location + quantiles[1] as p10,
        location + quantiles[2] as p25,
        location + quantiles[3] as p50,
        location + quantiles[4] as p75,
        location + quantiles[5] as p90
    from spread_out
)

select * from final
