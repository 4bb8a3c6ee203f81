select * from level_factor order by id
