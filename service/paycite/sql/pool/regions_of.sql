-- The regions of each metro, as a variable. A join inside one branch of a union sometimes fails in
-- DuckDB 2.0 ("dict-surviving cache", issue 24807 and related ones).
set variable regions_of = (
    select map_from_entries(list((metro, ids)))
    from (select metro, list(id order by id) as ids from region group by metro)
)
