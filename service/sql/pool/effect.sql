create or replace temp table effect (
    stage varchar,
    left_out integer,
    role varchar,
    level varchar,
    geography varchar,
    n bigint,
    within double,
    k double,
    log_factor double
)
