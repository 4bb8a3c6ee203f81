-- National pay for sources that publish only local pay: the geometric mean over their places, each
-- divided by the square root of the place's official ratio to the nation (as in pooling). With it the
-- source has an estimate, and the same weight, everywhere.
insert into priced
with local as (
    select source_id, role from priced group by source_id, role having not bool_or(metro = 'us')
),

moved as (
    select
        kind, source_id, role, level, capped, n,
        [ln(times(pay, round(ratio ** -0.5, 4))) for pay in pays] as logs
    from priced
    join local using (source_id, role)
    join place using (metro)
),

mean as (
    select
        any_value(kind) as kind, source_id, role, level,
        [
            if(count(logs[1]) = count(*), sum(exact(logs[1])) / count(*), null),
            sum(exact(logs[2])) / count(*),
            sum(exact(logs[3])) / count(*),
            sum(exact(logs[4])) / count(*),
            if(count(logs[5]) = count(*), sum(exact(logs[5])) / count(*), null)
        ] as logs,
        list_sort(list_distinct(flatten(list(capped)))) as capped, sum(n) as n
    from moved
    group by source_id, role, level
)

select kind, source_id, role, level, 'us', [floor(exp(one) + 0.5) for one in logs], capped, n from mean
