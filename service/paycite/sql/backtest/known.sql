-- What is known when a part is predicted: every other observation.
create or replace temp table observed as
select * exclude (part) from divided where part is distinct from $part
