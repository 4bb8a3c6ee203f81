-- Count each employer once per role, level and place, with its median log pay. For the spread, keep
-- at most ten of its values: quantiles at 1/20, 3/20, ... between its sorted values.
create or replace temp table unit as
with listed as (
    select
        role, level, geography, fold, unit,
        max(employer) as employer,
        count(*) as n,
        list_sort(list(log_pay)) as pays
    from observed
    group by role, level, geography, fold, unit
)

select
    role, level, geography, fold, unit, employer, n,
    (list_extract(pays, (n + 1) // 2) + list_extract(pays, n // 2 + 1)) / 2 as log_pay,
    case
        when n <= 10 then pays
        else list_transform(
            range(10),
            lambda i: list_extract(pays, (n - 1) * (2 * i + 1) // 20 + 1)
            + (
                list_extract(pays, (n - 1) * (2 * i + 1) // 20 + 2)
                - list_extract(pays, (n - 1) * (2 * i + 1) // 20 + 1)
            ) * ((n - 1) * (2 * i + 1) % 20) / 20
        )
    end as pays
from listed
