-- Rank the distances of held-out pay from the estimate, by role (null: all roles) and levels. They are
-- counted in millionths of log pay, of which there are few, so that no group has to be sorted as a whole.
create or replace temp view ranked as
with stated as (
    select role, 'stated' as levels, log_pay - of_level as apart from held_out where level <> 'unstated'
    union all
    select role, 'all' as levels, log_pay - of_role as apart from held_out
),

rounded as (
    select role, levels, floor(apart * 1000000 + 0.5)::bigint as millionths, count(*) as n
    from stated
    group by 1, 2, 3
),

grouped as (
    select role, levels, millionths, n from rounded
    union all
    select null, levels, millionths, sum(n) as n from rounded group by levels, millionths
)

select
    role, levels, millionths, n,
    sum(n) over (partition by role, levels order by millionths rows unbounded preceding) as up_to,
    sum(n) over (partition by role, levels) as total
from grouped
