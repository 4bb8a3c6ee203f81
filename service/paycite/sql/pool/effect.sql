-- What each stage found; `freedom` is how far a group's own units decide its effect.
create or replace temp table effect (
    stage varchar,
    left_out integer,
    role varchar,
    level varchar,
    geography varchar,
    n bigint,
    within double,
    k double,
    freedom double,
    log_factor double
)
