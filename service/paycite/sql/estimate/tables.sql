-- What each source says of a role before it is carried to other cells: `level` all is all levels,
-- `pays` are P10, P25, P50, P75 and P90 in whole dollars, null where the source gives none; `n`
-- weighs the level when levels are put in order.
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
