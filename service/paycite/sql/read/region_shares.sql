select * from region_share order by role, region, metro
