-- Every source in the dataset has at least one figure.
select id from source where id not in (select source_id from figure)
