-- Summarize the observations of a file. Dates are those of rows with a role, which are pooled.
select
    count(*) as rows,
    count(distinct employer_key(employer)) as employers,
    count(*) filter (role is null) as of_no_role,
    max(date) filter (role is not null)::varchar as newest,
    strftime(quantile_disc(date, 0.5) filter (role is not null), '%Y-%m') as middle,
    coalesce(list(distinct component order by component), []) as components,
    coalesce(list(distinct kind order by kind), []) as kinds
from final
