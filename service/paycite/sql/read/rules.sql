select * exclude (metro), list(metro order by metro) as metros
from uplift_rule
group by all
order by id
