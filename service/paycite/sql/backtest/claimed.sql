-- The pay range that a source publishes for a role, level and place; `is_local` if it has figures for
-- the place itself.
create or replace temp table claimed (
    source_id varchar not null,
    role varchar not null,
    level varchar not null,
    geography varchar not null,
    is_local boolean not null,
    low double not null,
    middle double not null,
    high double not null
)
