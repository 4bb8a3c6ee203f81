-- The prior for each place: the square root of its official pay ratio to the nation, for all computer
-- occupations. Back-tests were worse without the square root.
create or replace temp table official as
with newest as (
    select geography, p50
    from distribution
    where occupation = $occupation
    qualify row_number() over (partition by geography order by as_of desc, id) = 1
)

select newest.geography, ln(newest.p50 / nation.p50) / 2 as log_factor
from newest
join newest as nation on nation.geography = 'us'
where newest.geography <> 'us' and newest.p50 > 0
