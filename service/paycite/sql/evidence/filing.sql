-- Filings of named employers, with the role in the job title and the occupation on the form.
create or replace temp table filing as
select
    role,
    occupation,
    coalesce(level, 'unstated') as level,
    geography,
    md5_number_lower(employer_key(employer)) as employer,
    (ln(low) + ln(high)) / 2 as log_pay
from read_parquet($file)
where employer_key(employer) is not null
