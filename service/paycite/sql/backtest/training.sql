-- What is known, in numbers, in an order that is always the same: of about $most observations, of
-- employers that a hash draws.
with drawn as (
    select *
    from observed
    where md5_number_upper('drawn' || unit) / 2 ** 64 < $most / (select count(*) from observed)
)

select role_code, level_code, geography_code, asked.log_factor, log_pay
from drawn
join asked using (role, level, geography)
order by all
