-- The known observations when a part is predicted: all others.
create or replace temp table observed as
select * exclude (part) from divided where part is distinct from $part
