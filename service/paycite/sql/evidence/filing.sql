-- Filings of named employers, with the role that the title names and the occupation that was filed.
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
