-- The observations of one file: the middle of each range in log pay, in one of five folds that a
-- hash of the employer draws, or of the row where none is known.
create or replace temp table observed as
select
    coalesce(role, occupation) as role,
    coalesce(level, 'unstated') as level,
    geography,
    lower(employer) as employer,
    coalesce(lower(employer), '#' || id) as unit,
    md5_number_lower(coalesce(lower(employer), '#' || id)) % 5 as fold,
    (ln(low) + ln(high)) / 2 as log_pay
from read_parquet($file)
where role is not null or $with_occupations
