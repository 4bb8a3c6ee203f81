"""How to predict official medians that were not released, measured on medians that were.

    python bench/unreleased.py data/datasets/VERSION.duckdb

Prints the mean absolute log error and, in brackets, the bias of each way to predict the medians of
the roles' occupations in metropolitan and nonmetropolitan areas: in all, and in those with less
than a tenth of their state's employment, of which the state's figures say little by themselves.
"""

import sys

import duckdb

WAYS = {
    "the nation's": "nation",
    "the nation's x ratio": "nation * there / everywhere",
    "the nation's x ratio ^ .7": "nation * (there / everywhere) ** 0.7",
    "the state's": "state",
    "the state's x ratio ^ .5": "state * (there / of_state) ** 0.5",
    "the state's x ratio ^ .7": "state * (there / of_state) ** 0.7",
    "the state's x ratio": "state * there / of_state",
}
# `there`, `of_state` and `everywhere` are of all computer occupations.
MEDIANS = """
    with named as (select distinct unnest(soc_codes) as occupation from role),
    official as (
        select occupation, geography, p50, employment from distribution
        where occupation is not null and component = 'base' and p50 > 0 and source_id = (
            select source_id from distribution where occupation is not null
            order by as_of desc, source_id limit 1
        )
    )
    select
        own.p50 as released, own.employment < 0.1 * state.employment as is_small,
        nation.p50 as nation, state.p50 as state, computer.p50 as there,
        computer_state.p50 as of_state, everywhere.p50 as everywhere
    from official as own
    join named using (occupation)
    join geography as metro on metro.id = own.geography and metro.kind in ('metro', 'nonmetro')
    join geography as home on home.kind = 'state' and home.state = metro.state
    join official as nation on (nation.occupation, nation.geography) = (own.occupation, 'us')
    join official as state on (state.occupation, state.geography) = (own.occupation, home.id)
    join official as computer
        on (computer.occupation, computer.geography) = ('15-0000', own.geography)
    join official as computer_state
        on (computer_state.occupation, computer_state.geography) = ('15-0000', home.id)
    join official as everywhere
        on (everywhere.occupation, everywhere.geography) = ('15-0000', 'us')
    where own.occupation <> '15-0000'
"""


def main(file: str) -> None:
    with duckdb.connect(file, read_only=True) as connection:
        connection.execute(f"create temp table median as {MEDIANS}")
        print("| predicted by | all | less than a tenth of the state |\n|---|---:|---:|")
        for way, predicted in WAYS.items():
            errors = [
                connection.execute(
                    f"select avg(abs(ln({predicted} / released))), avg(ln({predicted} / released)) "
                    f"from median where {rows}"
                ).fetchall()[0]
                for rows in ("true", "is_small")
            ]
            cells = " | ".join(f"{error:.3f} ({bias:+.3f})" for error, bias in errors)
            print(f"| {way} | {cells} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
