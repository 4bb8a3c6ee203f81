-- The weight of each source for a role, the same at every level and place. Before scaling: n / (n + k)
-- for sources with a sample size, 1 for official statistics, constants below 1 for bands and for
-- official statistics of occupations that are only close to the role (`is_proxy`), and what its owner
-- declares. Sources with a common originator share the largest of their weights, in proportion to
-- their samples, which are parts of one. Six decimals, adding up to 1. A role that has only a proxy
-- gets no estimate.
insert into source_weight by name
with counted as (
    select
        priced.source_id, priced.role, kind,
        kind = 'official' and not any_value(role.is_occupation) and any_value(role_factor.role) is null as is_proxy,
        if(kind in ('distribution', 'pool'), max(priced.n)::bigint, null) as n,
        case
            when any_value(source.weight) is not null then any_value(source.weight)
            when is_proxy then constant('proxy-weight')
            when kind = 'official' then 1
            when kind = 'band' then constant('band-weight')
            else max(priced.n) / (max(priced.n) + constant('weight-k'))
        end as alone
    from priced
    join source on source.id = priced.source_id
    join role on role.id = priced.role
    left join role_factor on role_factor.role = priced.role
    group by priced.source_id, priced.role, kind
),

named as (
    select counted.*, originators, if(source.weight is null, n, null) as size
    from counted
    join source on source.id = counted.source_id
    qualify not bool_and(is_proxy) over (partition by role)
),

shared as (
    select
        named.source_id, named.role, named.kind, named.is_proxy, named.n,
        max(other.alone) * if(
            count(other.size) = count(*), named.size / sum(other.size), named.alone / sum(other.alone)
        ) as alone
    from named
    join named as other on other.role = named.role and list_has_any(other.originators, named.originators)
    group by named.source_id, named.role, named.kind, named.is_proxy, named.n, named.size, named.alone
),

rounded as (
    select
        *,
        greatest(round(alone / sum(exact(alone)) over (partition by role), 6), 0.000001)::decimal(9, 6) as part
    from shared
)

select
    source_id, role, kind, is_proxy, n, round(alone, 6) as alone,
    (part + if(
        row_number() over (partition by role order by part desc, source_id) = 1,
        1 - sum(part) over (partition by role), 0
    ))::double as weight
from rounded
order by role, source_id
