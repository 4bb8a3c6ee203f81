-- As pool/held_out.sql, but one value, its median, for each employer in each role, level and place: as
-- often as the largest share counts it.
create or replace temp view held_out as
select unit.role, unit.level, of_level, of_role, log_pay
from unit
join located
    on located.left_out = unit.fold and located.role = unit.role
    and located.level = unit.level and located.geography = unit.geography
