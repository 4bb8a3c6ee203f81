select
    level, source_id, priced_level, priced_metro, level_factor, power, level_weight, is_ordered,
    p10, p25, p50, p75, p90, capped
from voice
where role = $role and metro = $metro
