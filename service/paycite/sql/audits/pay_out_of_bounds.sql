-- Yearly pay below 10,000 or above 10 million dollars is an hour's pay, or thousands, mistyped.
select id, low, high
from figure
where period = 'year' and component is not null and (low not between 10000 and 10000000 or high not between 10000 and 10000000)
