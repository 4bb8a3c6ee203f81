-- Official statistics for a role and place: the mixture of the role's occupations, times the role
-- factor.
insert into priced
select
    'official' as kind, any_value(occupied.source_id) as source_id, occupied.role, 'all' as level, metro,
    [times(pay, coalesce(any_value(factor.factor), 1)) for pay in any_value(mixed.pays)] as pays,
    any_value(mixed.capped) as capped, 1 as n
from occupied
join mixed on mixed.mixture = concat_ws('|', occupied.role, metro)
left join role_factor as factor on factor.role = occupied.role
group by occupied.role, metro
