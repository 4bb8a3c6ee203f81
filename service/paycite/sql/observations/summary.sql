-- Summarize the observations of a file.
select
    count(*) as rows,
    count(distinct employer_key(employer)) as employers,
    count(*) filter (role is null) as of_no_role,
    max(date)::varchar as newest,
    strftime(quantile_disc(date, 0.5), '%Y-%m') as middle,
    coalesce(list(distinct component order by component), []) as components,
    coalesce(list(distinct kind order by kind), []) as kinds
from final
