-- A role with estimates has one for every level and place, from the same sources with the same
-- weights, which add up to 1.
with cell as (
    select
        role, level, metro,
        list((source_id, weight) order by source_id) as voices,
        round(sum(weight), 6) as total
    from voice
    group by role, level, metro
),

expected as (
    select role, metro.id as metro, level.id as level
    from (select distinct role from source_weight) as priced
    cross join (select id from geography where kind <> 'beyond') as metro
    cross join (select id from level union all select null) as level
),

declared as (
    select role, list((source_id, weight) order by source_id) as voices
    from source_weight
    group by role
)

select expected.role, expected.level, expected.metro
from expected
join declared using (role)
left join cell
    on cell.role = expected.role and cell.metro = expected.metro
    and cell.level is not distinct from expected.level
left join estimate
    on estimate.role = expected.role and estimate.metro = expected.metro
    and estimate.level is not distinct from expected.level
where cell.voices is distinct from declared.voices or total <> 1 or estimate.p50 is null
