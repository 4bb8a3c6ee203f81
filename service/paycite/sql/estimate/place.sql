-- Every place with estimates, its state, and their official ratios: the median of all computer
-- occupations (15-0000) over that of the nation. What was not released has the ratio of the state.
create or replace temp table place as
with computer as (
    select geography, p50
    from distribution
    join newest on newest.source_id = distribution.source_id and is_official
    where occupation = $occupation and p50 > 0
)

select
    metro.id as metro, home.id as state,
    coalesce(coalesce(there.p50, state.p50) / nation.p50, 1) as ratio,
    coalesce(state.p50 / nation.p50, ratio) as state_ratio
from geography as metro
left join computer as nation on nation.geography = 'us'
left join computer as there on there.geography = metro.id
left join geography as home on home.kind = 'state' and home.state = metro.state
left join computer as state on state.geography = home.id
where metro.kind in ('nation', 'metro', 'nonmetro', 'state')
