-- How many observations of a role have each date.
create or replace temp table dated as
select date, count(*) as n from observation where role is not null and date is not null group by date
