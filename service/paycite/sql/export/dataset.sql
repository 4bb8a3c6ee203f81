-- The dataset that the file was made of.
select version, as_of from dataset
