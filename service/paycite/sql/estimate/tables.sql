-- Each source's own pay for a role, before it is adjusted to other levels and places. `level` is 'all'
-- for all levels together; `pays` are P10, P25, P50, P75 and P90 in whole dollars, null if the source
-- has none; `n` is the weight of the level in the isotonic regression.
create or replace temp table priced (
    kind varchar,
    source_id varchar,
    role varchar,
    level varchar,
    metro varchar,
    pays double[],
    capped varchar[],
    n double
)
