-- Percentiles of mixture distributions. `part` has the components (mixture key, share, pays, capped).
-- The cumulative distribution is linear in log pay between the published percentiles, extrapolated
-- beyond the outermost two, and inverted. `estimate/mixture.py` does the same for one mixture.
create or replace temp table mixed as
with weighed as (
    select
        row_number() over () as part, mixture, pays, capped,
        share / sum(share) over (partition by mixture) as share,
        count(*) over (partition by mixture) as parts,
        coalesce(list_min([list_position(['p10', 'p25', 'p50', 'p75', 'p90'], q) for q in capped]) - 1, 5) as exact
    from part
),

stated as (
    select
        mixture, part, share, exact, i, [0.1, 0.25, 0.5, 0.75, 0.9][i] as p,
        max(ln(pays[i])) over (partition by part order by i) + 1e-9 * (i - 1) as x
    from weighed
    cross join range(1, 6) as place (i)
    where parts > 1 and i <= exact + 1
),

continued as (
    select mixture, part, share, x, p from stated
    union all
    select
        mixture, part, any_value(share),
        max(x) filter (i = 1) - 0.1 * (max(x) filter (i = 2) - max(x) filter (i = 1)) / 0.15, 0
    from stated
    where exact > 1
    group by mixture, part
    union all
    select
        mixture, part, any_value(share),
        if(any_value(exact) = 5, max(x) + 0.1 * (max(x) - max(x) filter (i = 4)) / 0.15, max(x) + 1e-9), 1
    from stated
    group by mixture, part
),

piece as (
    select
        mixture, part, share, x, p,
        lead(x) over after as next_x,
        lead(p) over after as next_p,
        row_number() over after = 1 as is_first
    from continued
    window after as (partition by part order by x)
),

knot as (select distinct mixture, x from piece),

height as (
    select
        knot.mixture, knot.x,
        coalesce(sum(share * (next_p - p) * least(greatest((knot.x - piece.x) / (next_x - piece.x), 0), 1)), 0)
        + coalesce(sum(share * p) filter (is_first and knot.x >= piece.x), 0) as p
    from knot
    join piece using (mixture)
    group by knot.mixture, knot.x
),

rise as (
    select
        mixture, x, p, lag(x) over before as low, lag(p) over before as below
    from height
    window before as (partition by mixture order by x)
),

inverse as (
    select
        mixture, i,
        min_by(low + (x - low) * (probability - below) / (p - below), low) as x
    from rise
    cross join (values (1, 0.1), (2, 0.25), (3, 0.5), (4, 0.75), (5, 0.9)) as wanted (i, probability)
    where below <= probability + 1e-12 and probability <= p + 1e-12 and below < p
    group by mixture, i
),

certain as (
    select
        mixture,
        min(if(exact = 5, 'infinity'::double, if(exact = 0, '-infinity'::double, ln(pays[greatest(exact, 1)])))) as x
    from weighed
    group by mixture
),

inverted as (
    select
        mixture,
        list(floor(exp(inverse.x) + 0.5) order by i) as pays,
        list(['p10', 'p25', 'p50', 'p75', 'p90'][i] order by i) filter (inverse.x > certain.x) as beyond
    from inverse
    join certain using (mixture)
    group by mixture
),

final as (
    select mixture, pays, coalesce(beyond, []) as capped from inverted
    union all
    select mixture, pays, capped
    from weighed
    where parts = 1
)

select * from final
