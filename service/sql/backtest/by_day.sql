-- Observations that are known only (`earlier`), and part 0, which is predicted.
create or replace temp table divided as
select *, null::integer as part from earlier
union all by name
select *, 0 as part from observed
