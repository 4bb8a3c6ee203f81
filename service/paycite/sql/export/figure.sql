-- Figures, each with the citation of its source.
select figure.*, source.publisher, source.citation, source.license, source.url
from figure
join source on source.id = figure.source_id
order by figure.id
