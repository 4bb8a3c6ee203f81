select level, p10, p25, p50, p75, p90, confidence, capped
from estimate
where role = $role and metro = $metro
