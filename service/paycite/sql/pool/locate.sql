-- Add the effects of a stage to the estimate for each role, level and place.
create or replace temp table fitted as
select fitted.* replace (
    location + log_factor as location,
    list_append(effects, log_factor) as effects
)
from fitted
join effect
    on effect.stage = $stage
    and effect.left_out = fitted.left_out
    and (effect.role = fitted.role or not $by_role)
    and (effect.level = fitted.level or not $by_level)
    and (effect.geography = fitted.geography or not $by_geography)
