-- The observations of a private source, like pool/observed.sql, but for those after $newest. An
-- employer is one in all its spellings (`spelling`). Without an employer, rows of one title, place and
-- pay count once, because they may be one person in each month.
create or replace temp table observed as
with stated as (
    select
        observation.role,
        coalesce(level, 'unstated') as level,
        geography,
        md5_number_lower(spelling.key) as employer,
        md5_number_lower(
            concat_ws(
                '#', '', translate(trim(title), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'),
                observation.role, level, geography, round(low * 100)::bigint::varchar, round(high * 100)::bigint::varchar
            )
        ) as row_hash,
        round((ln(low) + ln(high)) / 2, 9) as log_pay
    from observation
    left join spelling on spelling.name = observation.employer
    where observation.role is not null and (date is null or date <= $newest)
),

counted as (
    select role, level, geography, employer, employer as unit, log_pay from stated where employer is not null
    union all
    select distinct role, level, geography, employer, row_hash, log_pay from stated where employer is null
)

select *, (unit % 5)::integer as fold from counted
