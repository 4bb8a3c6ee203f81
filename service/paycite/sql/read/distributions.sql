-- Of an occupation; with null, of all roles.
select * from distribution where occupation is not distinct from $occupation order by id
