select * from pool_spread where source_id in (select source_id from pool where not is_shipped) order by id
