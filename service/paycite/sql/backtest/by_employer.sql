-- Every observation, and the part of them that it is predicted in. A hash of the employer draws it,
-- so that what one employer pays never tells what it pays; not the hash that the fit draws by.
create or replace temp table divided as
select *, (md5_number_lower('outer' || unit) % $folds)::integer as part
from observed
