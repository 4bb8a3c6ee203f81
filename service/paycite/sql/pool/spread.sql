-- Quantiles of the residuals by role (null: the whole source) and level (null: all levels): in the
-- nation (`us`), in a place without observations (null), and in each place. The quantiles of a
-- role are shrunk toward those of the source, those of a level toward the role, and those of a
-- place toward all places.
create or replace temp table spread as
with quantiles as (
    select
        role, level,
        quantile_cont(from_cell, $probabilities) as from_cell,
        quantile_cont(from_level, $probabilities) as from_level,
        quantile_cont(from_place, $probabilities) as from_place,
        quantile_cont(from_role, $probabilities) as from_role
    from residual
    where own
    group by grouping sets ((), (role), (role, level))
),

broad as (
    select quantiles.*, counted.units as n
    from quantiles
    join counted
        on counted.role is not distinct from quantiles.role
        and counted.level is not distinct from quantiles.level
        and counted.geography is null
),

of_role as (
    select
        broad.role,
        drawn(broad.from_cell, broad.n, $k, source.from_cell) as from_cell,
        drawn(broad.from_level, broad.n, $k, source.from_level) as from_level,
        drawn(broad.from_place, broad.n, $k, source.from_place) as from_place,
        drawn(broad.from_role, broad.n, $k, source.from_role) as from_role
    from broad
    cross join (select * from broad where role is null) as source
    where broad.role is not null and broad.level is null
),

everywhere as (
    select null as role, null as level, 'us' as geography, from_role as quantiles
    from broad where role is null
    union all
    select null, null, null, from_place from broad where role is null
    union all
    select role, null, 'us', from_role from of_role
    union all
    select role, null, null, from_place from of_role
    union all
    select role, level, 'us', drawn(broad.from_level, n, $k, of_role.from_level)
    from broad join of_role using (role)
    where level is not null
    union all
    select role, level, null, drawn(broad.from_cell, n, $k, of_role.from_cell)
    from broad join of_role using (role)
    where level is not null
),

narrow as (
    select role, level, geography, quantile_cont(from_cell, $probabilities) as quantiles
    from residual
    where geography <> 'us'
    group by role, level, geography
    union all
    select role, null, geography, quantile_cont(from_place, $probabilities)
    from residual
    where geography <> 'us'
    group by role, geography
),

final as (
    select * from everywhere
    union all
    select
        narrow.role, narrow.level, narrow.geography,
        drawn(narrow.quantiles, counted.units, $k, everywhere.quantiles)
    from narrow
    join everywhere
        on everywhere.role = narrow.role
        and everywhere.level is not distinct from narrow.level
        and everywhere.geography is null
    join counted
        on counted.role = narrow.role
        and counted.level is not distinct from narrow.level
        and counted.geography = narrow.geography
)

select * from final
