-- For each statistic of a private source that may be published: what each employer contributes to it, as
-- a hash; how many employers and unnamed rows there are; the largest share of an employer, each counted
-- once per role, level and place; and how many different amounts, in whole dollars.
with cell as (
    select
        role, level, geography, unit,
        any_value(employer) as employer,
        list(log_pay order by log_pay) as pays
    from observed
    group by role, level, geography, unit
),

stated as (
    select 'pool' as part, null as role, null as level, null as geography, cell as of_cell from cell
    union all
    select 'base', role, null, null, cell from cell
    union all
    select 'base', role, level, null, cell from cell where level <> 'unstated'
    union all
    select 'metro', null, null, geography, cell from cell where geography <> 'us'
    union all
    select 'role-metro', role, null, geography, cell from cell where geography <> 'us'
    union all
    select 'spread', null, 'all', null, cell from cell
    union all
    select 'spread', role, 'all', null, cell from cell
    union all
    select 'spread', null, 'stated', null, cell from cell where level <> 'unstated'
    union all
    select 'spread', role, 'stated', null, cell from cell where level <> 'unstated'
),

of_unit as (
    select
        part, role, level, geography, of_cell.unit as unit,
        any_value(of_cell.employer) as employer,
        count(*) as cells,
        md5_number_lower(list(of_cell order by of_cell)::varchar) as contribution,
        flatten(list(of_cell.pays)) as pays
    from stated
    group by all
)

select
    part, role, level, geography,
    count(employer) as employers,
    count(*) - count(employer) as unnamed,
    coalesce(max(cells) filter (employer is not null), 0) / sum(cells) as largest_share,
    len(list_distinct(list_transform(flatten(list(pays)), lambda pay: round(exp(pay))))) as amounts,
    list(contribution order by contribution) as contributions
from of_unit
group by all
order by all
