-- Official pay of the occupations of each role in each place: as released, or the figures for its state
-- (the nation if there are none) times a power of the ratio of all computer occupations between both.
create or replace temp table occupied as
with released as (
    select source_id, occupation, metro, pays, capped
    from published
    where is_official and occupation is not null
),

named as (
    select id as role, unnest(soc_codes) as occupation, unnest(soc_shares) as share from role
),

-- If an occupation of a role is not released even for the nation, the role has no mixture.
whole as (
    select role from named
    group by role
    having count(*) = count(*) filter (occupation in (select occupation from released where metro = 'us'))
),

decided as (
    select
        nation.source_id, role, place.metro, occupation, share,
        coalesce(there.pays, state.pays, nation.pays) as pays,
        case when there.pays is not null then 'released' when state.pays is not null then 'state' else 'nation' end
            as basis,
        case basis when 'released' then there.capped when 'state' then state.capped else nation.capped end as capped,
        case basis when 'released' then 1 when 'state' then ratio / state_ratio else ratio end as computer_ratio,
        round(computer_ratio ** constant('place-power'), 4) as factor
    from named
    join whole using (role)
    join released as nation using (occupation)
    cross join place
    left join released as state on state.occupation = named.occupation and state.metro = place.state
    left join released as there on there.occupation = named.occupation and there.metro = place.metro
    where nation.metro = 'us'
)

select
    source_id, role, metro, occupation, share, basis, factor, capped,
    if(basis = 'released', pays, [times(pay, factor) for pay in pays]) as pays
from decided
