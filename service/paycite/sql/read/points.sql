select * from metro_point order by id
