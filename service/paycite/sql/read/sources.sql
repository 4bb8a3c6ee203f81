select
    * exclude (published, precision),
    {'date': published, 'precision': precision} as published
from source
order by id
