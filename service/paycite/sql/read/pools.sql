select * from pool order by source_id
