-- The cells to predict: each observed role, level and place, also as numeric codes for methods that
-- need numbers.
create or replace temp table asked as
with cell as (
    select distinct role, level, geography from divided
),

final as (
    select
        cell.*,
        dense_rank() over (order by role) - 1 as role_code,
        dense_rank() over (order by level) - 1 as level_code,
        dense_rank() over (order by geography) - 1 as geography_code,
        coalesce(official.log_factor, 0) as log_factor
    from cell
    left join official using (geography)
)

select * from final
