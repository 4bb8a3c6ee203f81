-- Weighted isotonic regression of a short list, by the min-max formula: the fitted value is the maximum
-- over window starts of the minimum over window ends of the weighted mean of the window.
create or replace temp macro isotonic(amounts, weights) as (
    [
        list_max([
            list_min([
                list_dot_product(amounts[a:b], weights[a:b]) / list_sum(weights[a:b])
                for b in range(i, len(amounts) + 1)
            ])
            for a in range(1, i + 1)
        ])
        for i in range(1, len(amounts) + 1)
    ]
)
