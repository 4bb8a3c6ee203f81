-- Remove duplicates, independent of the order of the rows. Keep the latest row of each id, and, unless
-- $is_by_id, the latest of an employer's rows with the same title, place and range, because jobs are posted
-- or filed repeatedly.
with latest as (
    select distinct on (id) *
    from observation
    order by id, date desc nulls last, columns(* exclude (id, date))
),

final as (
    select distinct on (
        if($is_by_id, id, coalesce(employer_key(employer), id)), lower(title), role, if(role is null, occupation, null), level, geography, low, high
    ) *
    from latest
    order by date desc nulls last, id
)

select * from final
-- Sorted the way the build groups them: the file is smaller, and the same rows give the same bytes.
order by role, occupation, level, geography, employer, low, high, id
