-- Each observation once, whatever the order in which the rows came: of one id the latest, and of
-- one employer's alike titles, places and ranges the latest, because they are posted or filed repeatedly.
with latest as (
    select distinct on (id) *
    from observation
    order by id, date desc nulls last, columns(* exclude (id, date))
),

final as (
    select distinct on (
        coalesce(employer_key(employer), id), lower(title), role, if(role is null, occupation, null), level, geography, low, high
    ) *
    from latest
    order by date desc nulls last, id
)

select * from final
-- As the build groups them: so the file is small, and the same rows are the same bytes.
order by role, occupation, level, geography, employer, low, high, id
