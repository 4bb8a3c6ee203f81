-- The metros of each region (of several metros).
create or replace temp table region as
select region.id, metro.id as metro
from geography as region
join geography as metro on metro.kind = 'metro' and list_has_all(region.cbsa_codes, metro.cbsa_codes)
where region.kind = 'region'
