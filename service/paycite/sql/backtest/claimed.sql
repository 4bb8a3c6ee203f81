-- The pay range of a source for a role and level in a place; `is_local` if the source prices the
-- place itself.
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
