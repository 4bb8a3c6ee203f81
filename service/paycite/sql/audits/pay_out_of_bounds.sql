-- Annual pay is from $10,000 to $10 million; otherwise it is an hourly rate, or thousands, typed
-- as annual pay.
select id, low, high
from figure
where period = 'year' and component is not null and (low not between 10000 and 10000000 or high not between 10000 and 10000000)
