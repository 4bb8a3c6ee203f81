select * from pool where not is_shipped order by source_id
