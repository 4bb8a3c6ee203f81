-- The share of each metro in its region: local employment in the role's occupations, weighted by their
-- shares, or in all computer occupations if none of them was released, or if the role has none. Six
-- decimals, adding up to 1.
insert into region_share by name
with belonging as (
    select region.id as region, metro.id as metro
    from geography as region
    join geography as metro on metro.kind = 'metro' and list_has_all(region.cbsa_codes, metro.cbsa_codes)
    where region.kind = 'region'
),

employed as (
    select occupation, geography as metro, employment
    from distribution
    join newest using (source_id)
    where is_official and employment > 0
),

part as (
    select id as role, unnest(soc_codes) as occupation, unnest(soc_shares) as share
    from role
),

named as (
    select role, occupation, share
    from (select distinct role from source_weight) as priced
    left join part using (role)
),

people as (
    select
        named.role, region, belonging.metro,
        coalesce(sum(exact(share * there.employment)), any_value(computer.employment), 1)::double as people
    from named
    cross join belonging
    left join employed as there on there.metro = belonging.metro and there.occupation = named.occupation
    left join employed as computer on computer.metro = belonging.metro and computer.occupation = $occupation
    group by named.role, region, belonging.metro
),

rounded as (
    select
        *,
        round(people / sum(exact(people)) over (partition by role, region), 6)::decimal(9, 6) as part
    from people
)

-- The largest share absorbs the rounding error.
select
    role, region, metro,
    (part + if(
        row_number() over (partition by role, region order by people desc, metro) = 1,
        1 - sum(part) over (partition by role, region), 0
    ))::double as share
from rounded
order by role, region, metro
