-- Each role in a place as JSON, for the table `cell`: arrays in the order of the structs' fields.
with voices as (
    select
        role, metro,
        list(
            json_array(
                level, source_id, priced_level, priced_metro, level_factor, power, level_weight,
                is_ordered, p10, p25, p50, p75, p90, capped
            )
            order by source_id, level nulls first
        ) as rows
    from voice
    group by role, metro
),
estimates as (
    select
        role, metro,
        list(
            json_array(level, p10, p25, p50, p75, p90, confidence, capped)
            order by level nulls first
        ) as rows
    from estimate
    group by role, metro
),
occupations as (
    select role, metro, list(json_array(occupation, basis, factor) order by occupation) as rows
    from occupation_part
    group by role, metro
)
select
    role, metro,
    json_array(
        coalesce(voices.rows, []), coalesce(estimates.rows, []), coalesce(occupations.rows, [])
    )::varchar as content
from voices full join estimates using (role, metro) full join occupations using (role, metro)
order by role, metro
