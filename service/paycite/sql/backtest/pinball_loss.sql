-- Pinball loss of one predicted quantile of log pay. Its mean is smallest if a share `probability` of
-- pay lies below the quantile.
create or replace temp macro pinball_loss(log_pay, quantile, probability) as greatest(
    probability * (log_pay - quantile), (probability - 1) * (log_pay - quantile)
)
