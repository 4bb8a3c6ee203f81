-- Without the numbers of distributions and pools: those are read as such.
select * from figure
where topic not in (
    'percentile', 'employment', 'standard-error', 'location-quotient', 'pooled-pay', 'pooled-factor'
)
order by id
