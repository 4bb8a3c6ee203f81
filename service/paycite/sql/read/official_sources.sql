select distinct source_id from distribution where occupation is not null
