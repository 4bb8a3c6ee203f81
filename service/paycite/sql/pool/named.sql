-- The hash of each employer, by the spelling of its name; null if the text names no employer. Few names
-- have many observations, and only DuckDB normalizes them: other engines know other letters and accents.
create or replace temp table named as
select name, md5_number_lower(employer_key(name)) as employer from spelled
