create table observation (
    id varchar not null,
    role varchar,
    occupation varchar,
    level varchar,
    geography varchar not null,
    title varchar,
    place varchar,
    employer varchar,
    low double not null,
    high double not null,
    component varchar not null,
    kind varchar not null,
    date date
)
