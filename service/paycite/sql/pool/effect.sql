-- The effects that each stage estimates, in log pay. `freedom` is the share of an effect that comes
-- from the group's own units, n / (n + k): its degrees of freedom.
create or replace temp table effect (
    stage varchar,
    left_out integer,
    role varchar,
    level varchar,
    geography varchar,
    k double,
    freedom double,
    log_factor double
)
