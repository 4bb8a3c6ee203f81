select * from role order by id
