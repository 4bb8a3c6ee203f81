-- The seeds declare every constant of the estimator.
select name
from (
    values
        ('spread-calibration', true), ('spread-of-level', true), ('widest-range', true), ('weight-k', true),
        ('band-weight', true), ('proxy-weight', true), ('staff-over-senior', true), ('high-confidence', true),
        ('medium-confidence', true), ('place-power', true), ('order-of-levels', false)
) as needed (name, is_number)
where 'paycite-factors:' || name not in (select id from figure where low is not null or not is_number)
