-- Quantiles of n units, shrunk toward those of their parent with k.
create or replace temp macro shrunk(quantiles, n, k, parent) as (
    [(n * quantiles[i] + k * parent[i]) / (n + k) for i in range(1, len(quantiles) + 1)]
)
