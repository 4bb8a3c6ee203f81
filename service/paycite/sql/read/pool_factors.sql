select * from pool_factor order by id
