-- Keep how the official pay of each occupation in a place was derived, so that answers can show it.
insert into occupation_part by name
select role, metro, occupation, basis, factor
from occupied
where role in (select role from source_weight where kind = 'official')
order by role, metro, occupation
