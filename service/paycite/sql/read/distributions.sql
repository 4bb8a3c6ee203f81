select * from distribution order by id
