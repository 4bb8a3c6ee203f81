-- A part of the changes, the largest first.
select
    moved.id, moved.role, coalesce(new_role.title, old_role.title) as role_title,
    moved.level, moved.metro, coalesce(new_place.name, old_place.name) as metro_name,
    moved.before, moved.after, round(moved.change, 4) as change,
    coalesce((
        select list(
            {
                'kind': cause.kind, 'source_id': cause.source_id, 'replaced_id': cause.replaced_id,
                'weight_before': cause.weight_before, 'weight_after': cause.weight_after,
                'p50_before': cause.p50_before, 'p50_after': cause.p50_after, 'factor': cause.factor
            }
            order by abs(ln(cause.factor)) desc, cause.source_id, cause.kind
        )
        from cause where cause.id = moved.id
    ), []) as causes
from moved
left join later.role as new_role on new_role.id = moved.role
left join earlier.role as old_role on old_role.id = moved.role
left join later.geography as new_place on new_place.id = moved.metro
left join earlier.geography as old_place on old_place.id = moved.metro
where rank > coalesce((select rank from moved where id = $after), 0)
order by rank
limit $limit
