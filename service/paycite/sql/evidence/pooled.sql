-- The pooled middles and factors that are shipped: those of five employers or more, and of every
-- place what official statistics say of it where fewer were observed there.
select part, role, level, geography, amount, n, employers, effective_employers
from pool_factor
where part <> 'cell' and amount is not null
order by part, role, level nulls first, geography
