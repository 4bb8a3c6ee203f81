-- Pay at a level over pay at all levels, by role (null: all roles). First the log ratio to senior pay:
-- the mean of filings and advertisements, each shrunk toward that of all roles, and isotonic over
-- levels. Then times senior pay over pay at all levels. For all roles, staff and principal share one
-- ratio.
with known as (
    select *, if(level in ('staff', 'principal'), 'above', level) as known_as from contrast
),

pooled as (
    select source, known_as, sum(weight * log_ratio) / sum(weight) as log_ratio
    from known
    group by source, known_as
),

-- With too few employers, a role gets the ratio of all roles.
own as (
    select * from known where source = 'advertisements' or employers >= $fewest_employers
),

wanted as (
    select role, level.id as level, level.rank, if(level.id in ('staff', 'principal'), 'above', level.id) as known_as
    from (select distinct role from own union all select null) as role
    cross join level
),

shrunk as (
    select
        wanted.role, wanted.level, rank,
        coalesce(own.filings, 0) as filings,
        coalesce(own.employers, 0) as employers,
        coalesce(own.ranges, 0) as ranges,
        coalesce(own.support, 0) as support,
        (coalesce(own.support * own.log_ratio, 0) + $k * pooled.log_ratio)
        / (coalesce(own.support, 0) + $k) as log_ratio
    from wanted
    join pooled on pooled.known_as = wanted.known_as
    left join own
        on own.role = wanted.role and own.level = wanted.level and own.source = pooled.source
),

averaged as (
    select
        role, level, rank,
        sum(filings) as filings, sum(employers) as employers, sum(ranges) as ranges,
        sum(support) + $k as weight,
        avg(log_ratio) as log_ratio
    from shrunk
    group by role, level, rank
),

counted as (
    select
        averaged.* replace (
            coalesce(whole.filings, averaged.filings) as filings,
            coalesce(whole.employers, averaged.employers) as employers,
            coalesce(whole.ranges, averaged.ranges) as ranges
        )
    from averaged
    left join (
        select
            known.level, sum(known.filings) as filings, max(of_level.employers) as employers,
            sum(known.ranges) as ranges
        from known
        join filers as of_level on of_level.role is null and of_level.level = known.level
        group by known.level
    ) as whole on averaged.role is null and whole.level = averaged.level
),

ordered as (
    select
        role,
        list({level: level, filings: filings, employers: employers, ranges: ranges} order by rank) as levels,
        isotonic(
            list(if(level = 'senior', 0, log_ratio) order by rank), list(weight::double order by rank)
        ) as over_senior,
        any_value(log_ratio) filter (level = 'senior') as senior
    from counted
    group by role
),

final as (
    select role, senior, unnest(levels, max_depth := 2), unnest(over_senior) as log_over_senior from ordered
)

select
    role, level,
    round(exp(log_over_senior + senior), 4) as factor,
    round(exp(log_over_senior), 4) as over_senior,
    filings::bigint as filings, employers::bigint as employers, ranges::bigint as ranges
from final
order by role nulls first, factor, level
