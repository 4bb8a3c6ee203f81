-- Annual pay is between $10,000 and $10 million. Anything else is a typo, such as an hourly rate or
-- an amount in thousands.
select id, low, high
from figure
where period = 'year' and component is not null and (low not between 10000 and 10000000 or high not between 10000 and 10000000)
