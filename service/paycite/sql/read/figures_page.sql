select *
from figure
where
    ($role is null or role = $role)
    and ($level is null or level = $level)
    and ($occupation is null or occupation = $occupation)
    and ($geography is null or geography = $geography)
    and ($source is null or source_id = $source)
    and ($topic is null or topic = $topic)
    and ($after is null or id > $after)
order by id
limit $limit
