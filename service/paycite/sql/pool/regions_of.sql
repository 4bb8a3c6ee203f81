-- The regions that each metro is in, as a value: a join that brings names into one branch of a union
-- is what DuckDB 2.0 sometimes fails on ("dict-surviving cache", its issue 24807 and the like).
set variable regions_of = (
    select map_from_entries(list((metro, ids)))
    from (select metro, list(id order by id) as ids from region group by metro)
)
