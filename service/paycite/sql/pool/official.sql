-- How official pay in all computer occupations differs between places, to the power of a half: what
-- is known of a place before anything is observed there (estimation without it was worse).
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
