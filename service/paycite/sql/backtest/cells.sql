select * from asked order by role, level, geography
