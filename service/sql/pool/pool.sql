-- What a source's estimates have in common.
insert into pool by name
select
    $source as source_id,
    $kind as kind,
    $component as component,
    $as_of as as_of,
    $note as note,
    (select n from counted where role is null and geography is null) as n,
    (select employers from counted where role is null and geography is null) as employers,
    max(within) filter (stage = 'cell') as variance,
    max(k) filter (stage = 'metro') as metro_k,
    max(k) filter (stage = 'role-metro') as role_metro_k,
    max(k) filter (stage = 'cell') as cell_k
from effect
where left_out = 5
