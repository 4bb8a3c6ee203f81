-- Split by employer: all observations of an employer are in one held-out part, so that an employer is
-- never predicted from its own pay. The hash is not that of the folds in the fit.
create or replace temp table divided as
select *, (md5_number_lower('outer' || unit) % $folds)::integer as part
from observed
