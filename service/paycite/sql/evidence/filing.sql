-- Filings of named employers, with the role in the job title and the occupation on the form.
create or replace temp table filing as
select
    role,
    occupation,
    coalesce(level, 'unstated') as level,
    geography,
    named.employer,
    round((ln(low) + ln(high)) / 2, 9) as log_pay
from observation
join named on named.name = observation.employer
where named.employer is not null
