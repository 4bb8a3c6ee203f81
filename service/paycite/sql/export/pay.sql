-- The rows of `pay`, of one role or of all. Sources are the same at every level and place of a role.
with cited as (
    select
        role,
        list(source_id order by weight desc, source_id) as source_ids,
        list(weight order by weight desc, source_id) as weights,
        list(publisher order by weight desc, source_id) as publishers,
        list(url order by weight desc, source_id) as urls,
        list(license order by weight desc, source_id) as licenses,
        string_agg(
            citation || ' (weight ' || round(weight * 100)::integer || '%)',
            '; ' order by weight desc, source_id
        ) as citation
    from (
        select
            source_weight.role, source_weight.source_id, source_weight.weight,
            source.publisher, source.url, source.license, source.citation
        from source_weight
        join source on source.id = source_weight.source_id
    ) as used
    group by role
)

select
    estimate.role, role.title as role_title,
    estimate.level, coalesce(level.title, 'All levels') as level_title,
    estimate.metro, geography.name as metro_name, geography.kind as metro_kind, geography.state,
    geography.cbsa_codes,
    estimate.min, estimate.max,
    estimate.p10, estimate.p25, estimate.p50, estimate.p75, estimate.p90, estimate.capped,
    'usd' as unit, 'USD' as currency, 'year' as period, 'base' as component,
    estimate.confidence, estimate.n, estimate.employers, estimate.sources,
    cited.source_ids, cited.weights, cited.publishers, cited.urls, cited.licenses, cited.citation,
    dataset.as_of, dataset.version as dataset
from estimate
cross join dataset
join role on role.id = estimate.role
join geography on geography.id = estimate.metro
join cited on cited.role = estimate.role
left join level on level.id = estimate.level
where
    ($role is null or estimate.role = $role)
    and ($level is null or estimate.level = $level)
    and ($kind is null or geography.kind = $kind)
