-- How official statistics price the occupations of each role in each place.
insert into occupation_part by name
select role, metro, occupation, basis, factor
from occupied
where role in (select role from source_weight where kind = 'official')
order by role, metro, occupation
