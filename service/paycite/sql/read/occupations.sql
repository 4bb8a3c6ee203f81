select * from occupation order by id
