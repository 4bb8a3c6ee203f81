select * from label_error order by tested_on, weighting, median_absolute_error
