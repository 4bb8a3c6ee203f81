-- Write what the observations of a source have in common.
insert into pool by name
select
    $source as source_id,
    $kind as kind,
    $component as component,
    $as_of as as_of,
    $middle as middle,
    $note as note,
    coalesce(any_value(n), 0) as n,
    coalesce(any_value(employers), 0) as employers
from counted
where role is null and level is null and geography is null
