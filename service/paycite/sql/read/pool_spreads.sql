select * from pool_spread order by id
