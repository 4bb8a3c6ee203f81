-- The names of employers among the observations, each spelling once.
create or replace temp table spelled as
select distinct employer as name from observation where employer is not null
