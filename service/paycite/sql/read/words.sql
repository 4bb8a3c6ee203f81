select * from word order by id
