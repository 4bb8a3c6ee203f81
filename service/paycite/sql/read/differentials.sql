select * from differential order by id
