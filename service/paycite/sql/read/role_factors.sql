select * from role_factor order by id
