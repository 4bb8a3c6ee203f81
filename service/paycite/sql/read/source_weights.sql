select * from source_weight order by role, source_id
