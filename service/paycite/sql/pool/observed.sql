-- Read the observations in a file: the log of the geometric midpoint of each range, and one of five
-- folds by a hash of the employer. An observation without an employer is its own unit.
create or replace temp table observed as
select
    coalesce(role, occupation) as role,
    coalesce(level, 'unstated') as level,
    geography,
    md5_number_lower(employer_key(employer)) as employer,
    coalesce(md5_number_lower(employer_key(employer)), md5_number_lower('#' || id)) as unit,
    unit % 5 as fold,
    (ln(low) + ln(high)) / 2 as log_pay
from read_parquet($file)
where role is not null or $with_occupations
