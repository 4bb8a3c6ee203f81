"""Save the scores of a back-test next to the observations, for the next build."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from paycite.backtest import FEWEST, Result
from paycite.dataset.backtest import AS_ANSWERED, Measured, RangeErrors
from paycite.importers.common.publish import publishing
from paycite.model.pool import FEWEST_EMPLOYERS
from paycite.model.score import Method, Score, Scores

_PLACES = 10  # with scores of their own: those with the most observations
_DIGITS = 4


def write_scores(result: Result, folder: Path) -> None:
    """Write `SOURCE.scores.json`, replacing an earlier one."""
    found = Scores(sha256=result.observed.sha256, scores=(*_pooling(result), *_published(result)))
    with publishing(folder, mode=0o700) as unfinished:
        file = unfinished / f"{result.observed.source.id}.scores.json"
        file.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
        file.replace(folder / file.name)


def _pooling(result: Result) -> Iterator[Score]:
    source, tested = result.observed.source.id, result.tested[AS_ANSWERED]
    places = [one for one in tested.by["geography"] if _may_be_published(one)]
    for one in (tested.overall, *places[:_PLACES]):
        ratio = result.ratio(one)
        yield msgspec.structs.replace(
            _score(one, source, "pooling", source, one.coverage_p25_p75),
            coverage_p10_p90=round(one.coverage_p10_p90, _DIGITS),
            pinball_ratio=None if ratio is None else round(ratio, _DIGITS),
            folds=result.split.folds,
        )


def _published(result: Result) -> Iterator[Score]:
    tested_on = result.observed.source.id
    for source, errors in result.range_errors.items():
        places = [one for one in errors if _may_be_published(one)]
        for one in places[: 1 + _PLACES]:  # the first is the overall score
            yield _score(one, source, "published", tested_on, one.coverage)


def _score(
    one: Measured | RangeErrors,
    source_id: str,
    method: Method,
    tested_on: str,
    coverage_p25_p75: float,
) -> Score:
    return Score(
        source_id=source_id,
        method=method,
        tested_on=tested_on,
        geography=one.geography,
        n=one.n,
        employers=one.employers,
        bias=round(one.bias, _DIGITS),
        median_absolute_error=round(one.median_absolute_error, _DIGITS),
        coverage_p25_p75=round(coverage_p25_p75, _DIGITS),
        coverage_p10_p90=None,
        pinball_ratio=None,
        folds=None,
    )


def _may_be_published(one: Measured | RangeErrors) -> bool:
    """Whether enough employers contribute: a bias next to a published estimate would otherwise
    reveal the pay of a few."""
    return one.n >= FEWEST and (one.employers >= FEWEST_EMPLOYERS or not one.employers)
