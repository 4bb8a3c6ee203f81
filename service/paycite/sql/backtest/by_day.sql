-- Split by day: earlier observations are for training only (null), later ones are held out (part 0).
create or replace temp table divided as
select *, null::integer as part from earlier
union all by name
select *, 0 as part from later
