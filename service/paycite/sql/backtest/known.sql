-- The training data for a held-out part: all other observations.
create or replace temp table observed as
select * exclude (part) from divided where part is distinct from $part
