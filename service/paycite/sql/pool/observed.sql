-- The observations: the log of the geometric midpoint of each range, and one of five folds by a hash of
-- the employer. An observation without an employer is its own unit. Logarithms have nine decimals,
-- because their last bits differ between engines; so sums are exact too.
create or replace temp table observed as
with hashed as (
    select
        coalesce(role, occupation) as role,
        coalesce(level, 'unstated') as level,
        geography,
        named.employer,
        coalesce(named.employer, md5_number_lower('#' || id)) as unit,
        round((ln(low) + ln(high)) / 2, 9) as log_pay
    from observation
    left join named on named.name = observation.employer
    where role is not null or $with_occupations
)

select *, (unit % 5)::integer as fold from hashed
