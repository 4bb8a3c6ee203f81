-- Official pay of the occupations of each role in each place: as released, or the national figures
-- times a local-to-national ratio: that of the role's occupations released in the place, or else of
-- all computer occupations in the place, or else in the state (see `basis`).
create or replace temp table occupied as
with released as (
    select
        source_id, occupation, geography as metro, [floor(pay + 0.5) for pay in [p10, p25, p50, p75, p90]] as pays, capped
    from distribution
    join newest using (source_id)
    where is_official and occupation is not null and component = 'base'
        and list_count([p10, p25, p50, p75, p90]) = 5
),

named as (
    select id as role, unnest(soc_codes) as occupation, unnest(soc_shares) as share from role
),

beside as (
    select
        nation.source_id, role, occupation, share, place.metro,
        there.pays as there, nation.pays as nation,
        coalesce(there.capped, nation.capped) as capped,
        sum(exact(share * ln(there.pays[3] / nation.pays[3]))) over family
        / sum(exact(share)) filter (there.pays is not null) over family as log_ratio,
        place.basis, place.ratio
    from named
    join released as nation using (occupation)
    cross join place
    left join released as there on there.occupation = named.occupation and there.metro = place.metro
    where nation.metro = 'us'
    window family as (partition by role, place.metro)
),

decided as (
    select
        *,
        case when there is not null then 'released' when log_ratio is not null then 'role' else basis end as based_on,
        if(based_on = 'released', 1, round(if(based_on = 'role', exp(log_ratio), ratio), 4)) as factor
    from beside
),

-- If an occupation of a role is not released even for the nation, the role has no mixture.
whole as (
    select role from named
    group by role
    having count(*) = count(*) filter (occupation in (select occupation from released where metro = 'us'))
)

select
    source_id, role, metro, occupation, share, based_on as basis, factor, capped,
    coalesce(there, [times(pay, factor) for pay in nation]) as pays
from decided
where role in (from whole)
