-- The seeds declare every constant of the estimator.
select name
from (
    values
        ('spread-calibration'), ('spread-of-level'), ('widest-range'), ('weight-k'), ('band-weight'),
        ('proxy-weight'), ('staff-over-senior'), ('high-confidence'), ('medium-confidence')
) as needed (name)
where 'paycite-factors:' || name not in (select id from figure where low is not null)
