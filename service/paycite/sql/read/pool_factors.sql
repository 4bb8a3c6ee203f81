select * from pool_factor where source_id in (select source_id from pool where not is_shipped) order by id
