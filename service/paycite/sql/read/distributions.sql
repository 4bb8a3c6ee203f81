select * from distribution where role = $of or occupation = $of order by id
