-- Shrink the quantiles of n units toward those of the parent group, with constant k.
create or replace temp macro shrunk(quantiles, n, k, parent) as (
    [(n * quantiles[i] + k * parent[i]) / (n + k) for i in range(1, len(quantiles) + 1)]
)
