-- Read the observations of a private source, like pool/observed.sql, but for those after $newest. An
-- employer is one in all its spellings (`spelling`). Without an employer, rows of one title, place and
-- pay count once, because they may be one person in each month.
create or replace temp table observed as
with stated as (
    select
        observation.role,
        coalesce(level, 'unstated') as level,
        geography,
        md5_number_lower(spelling.key) as employer,
        md5_number_lower(concat_ws('#', '', lower(trim(title)), observation.role, level, geography, low, high)) as row_hash,
        (ln(low) + ln(high)) / 2 as log_pay
    from read_parquet($file) as observation
    left join spelling on spelling.name = observation.employer
    where observation.role is not null and (date is null or date <= $newest)
)

select role, level, geography, employer, coalesce(employer, row_hash) as unit, unit % 5 as fold, log_pay
from stated
qualify employer is not null or row_number() over (partition by row_hash) = 1
