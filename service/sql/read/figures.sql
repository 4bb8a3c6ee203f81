select * from figure order by id
