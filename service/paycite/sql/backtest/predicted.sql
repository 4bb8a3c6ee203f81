-- Predicted quantiles of log pay, by method, held-out part and cell.
create or replace temp table predicted (
    method varchar not null,
    part integer not null,
    role varchar not null,
    level varchar not null,
    geography varchar not null,
    p10 double not null,
    p25 double not null,
    p50 double not null,
    p75 double not null,
    p90 double not null
)
