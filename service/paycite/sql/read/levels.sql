select * from level order by rank
