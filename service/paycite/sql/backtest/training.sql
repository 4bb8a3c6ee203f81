-- The training data as numbers, in a fixed order: about $most observations, sampled by a hash of the
-- employer.
with drawn as (
    select *
    from observed
    where md5_number_upper('drawn' || unit) / 2 ** 64 < $most / (select count(*) from observed)
)

select role_code, level_code, geography_code, asked.log_factor, log_pay
from drawn
join asked using (role, level, geography)
order by all
