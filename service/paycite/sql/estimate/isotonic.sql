-- Isotonic regression of a few values in order, each with its weight. For each value, take the means
-- over all windows that contain it: the largest over window starts of the smallest over window ends.
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
