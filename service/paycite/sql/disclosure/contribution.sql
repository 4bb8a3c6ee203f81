-- For each statistic of a private source that may be published: what each employer contributes to it in
-- each role, level and place, as a number whose upper half is of the hash of the employer, and whose lower half
-- is of the hash of the sum of its observations' hashes; how many employers and unnamed rows there are; the
-- largest share of an employer, each counted once per role, level and place; and how many different
-- amounts, in whole dollars.
create or replace temp table contribution as
with paid as (
    select
        role, level, geography, unit, employer,
        round(exp(log_pay))::bigint as dollars,
        concat_ws('#', role, level, geography) as name,
        sum(md5_number_lower(concat_ws('#', role, level, geography, round(log_pay * 1000000000)::bigint::varchar))) as hash
    from observed
    group by role, level, geography, unit, employer, log_pay
),

hashed as (
    select
        *,
        md5_number_lower(
            concat_ws('#', unit::varchar, sum(hash) over (partition by name, unit)::decimal(38, 0)::varchar)
        ) as cell_hash
    from paid
),

cell as (
    select
        role, level, geography, unit, employer, dollars,
        unit - unit % 4294967296 + cell_hash % 4294967296 as contribution
    from hashed
),

stated as (
    select 'pool' as part, null::varchar as role, null::varchar as level, null::varchar as geography, unit, employer, dollars, contribution from cell
    union all
    select 'base', role, null, null, unit, employer, dollars, contribution from cell
    union all
    select 'base', role, level, null, unit, employer, dollars, contribution from cell where level <> 'unstated'
    union all
    select 'metro', null, null, geography, unit, employer, dollars, contribution from cell where geography <> 'us'
    union all
    select 'role-metro', role, null, geography, unit, employer, dollars, contribution from cell where geography <> 'us'
    union all
    select 'spread', null, 'all', null, unit, employer, dollars, contribution from cell
    union all
    select 'spread', role, 'all', null, unit, employer, dollars, contribution from cell
    union all
    select 'spread', null, 'stated', null, unit, employer, dollars, contribution from cell where level <> 'unstated'
    union all
    select 'spread', role, 'stated', null, unit, employer, dollars, contribution from cell where level <> 'unstated'
),

of_unit as (
    select
        part, role, level, geography, unit,
        max(employer) as employer,
        count(distinct contribution) as cells
    from stated
    group by part, role, level, geography, unit
),

of_statistic as (
    select
        part, role, level, geography,
        count(distinct dollars) as amounts,
        list_sort(list(distinct contribution)) as contributions
    from stated
    group by part, role, level, geography
)

select
    of_unit.part, of_unit.role, of_unit.level, of_unit.geography,
    count(employer) as employers,
    count(*) - count(employer) as unnamed,
    coalesce(max(case when employer is not null then cells end), 0) / sum(cells) as largest_share,
    max(amounts) as amounts,
    max(contributions) as contributions
from of_unit
join of_statistic
    on of_statistic.part = of_unit.part
    and of_statistic.role is not distinct from of_unit.role
    and of_statistic.level is not distinct from of_unit.level
    and of_statistic.geography is not distinct from of_unit.geography
group by of_unit.part, of_unit.role, of_unit.level, of_unit.geography
