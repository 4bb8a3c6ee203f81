select * from pay_law order by id
