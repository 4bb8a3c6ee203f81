-- Count what is behind each spread: by role (null: all roles), for stated levels and for all levels.
create or replace temp table behind as
select
    role, 'stated' as levels, sum(n)::bigint as n,
    count(distinct employer) as employers, count(distinct unit) as units
from unit
where level <> 'unstated'
group by grouping sets ((), (role))
union all
select
    role, 'all' as levels, sum(n)::bigint as n,
    count(distinct employer) as employers, count(distinct unit) as units
from unit
group by grouping sets ((), (role))
