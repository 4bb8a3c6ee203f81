select * from score order by source_id, tested_on, geography nulls first
