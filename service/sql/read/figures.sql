-- Without the numbers of distributions: those are read as such.
select * from figure
where topic not in ('percentile', 'employment', 'standard-error', 'location-quotient')
order by id
