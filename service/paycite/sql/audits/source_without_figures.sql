-- A source that nothing cites has no place in the dataset.
select id from source where id not in (select source_id from figure)
