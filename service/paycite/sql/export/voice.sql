-- What each source says of a role, level and place, with its publisher.
select voice.*, source.publisher
from voice
join source on source.id = voice.source_id
order by role, metro, level nulls first, source_id
