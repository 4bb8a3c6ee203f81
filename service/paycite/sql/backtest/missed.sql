-- Pinball loss of one quantile of log pay, which is least where the share $probability lies below.
create or replace temp macro missed(log_pay, quantile, probability) as greatest(
    probability * (log_pay - quantile), (probability - 1) * (log_pay - quantile)
)
