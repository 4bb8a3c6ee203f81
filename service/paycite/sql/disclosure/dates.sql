-- The newest date and the median month of the observations of a private source that are used, which are
-- those up to $newest.
with used as (
    select date, sum(n) over (order by date) as so_far, sum(n) over () as total
    from dated
    where date <= $newest
)

select max(date)::varchar as as_of, strftime(min(date) filter (2 * so_far >= total), '%Y-%m') as middle from used
