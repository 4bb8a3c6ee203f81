"""An employer's own pay range as a sentence and as fields of applicant tracking systems, with the
market range and the laws of the place."""

from msgspec import convert

from paycite.model.answer import DatasetVersion, Interval, Links, PayPeriod, UsedMetro
from paycite.model.comparison import ComparisonRow, Outcome, cited_in
from paycite.model.money import in_cents, in_dollars
from paycite.model.pay import OfferedPay, StatedPeriod
from paycite.model.posting import (
    AshbyCompensation,
    AshbyComponent,
    AshbyFields,
    AshbyTier,
    BaseSalary,
    GreenhouseFields,
    GreenhouseRange,
    JobPostingFields,
    LeverFields,
    LeverRange,
    PayValue,
    Posting,
    PostingFields,
)
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Match, Metro
from paycite.posting.laws import find_laws, list_duties

_NOTICES = (
    "The sentence and the fields state the employer's own range, as given. The market range shows "
    "what other employers pay. It is not the employer's good-faith range: what the employer itself "
    "expects to pay.",
    "This is not legal advice. Each law is described as in its source on the day it was checked, "
    "and applies from its effective date, which may be in the future. The laws listed are those of "
    "the whole place; which of them apply depends on the employer and on where the work is done.",
    "The list of laws may be incomplete: a place without an entry may still have a law.",
)
_REMOTE = (
    'If the work can be done remotely, the laws of other places may also apply; the place "remote" '
    "lists all known laws."
)


def build_posting(
    offered: OfferedPay,
    place: Metro,
    matches: tuple[Match, ...],
    market: Outcome,
    snapshot: Snapshot,
    links: Links,
) -> Posting:
    """Build the answer of /posting. The advertised range is the offer of the market's answer."""
    row = ComparisonRow.of(market)
    pay, period = offered.range, offered.period
    return Posting(
        sentence=write_sentence(offered),
        range=pay,
        period=period,
        currency="USD",
        fields=build_fields(offered),
        market=row,
        matches=matches,
        place=convert(place, UsedMetro, from_attributes=True),
        laws=tuple(list_duties(law, pay) for law in find_laws(place, snapshot)),
        notices=(
            *offered.notes,
            *(_NOTICES if place.id == NATION else (*_NOTICES, _REMOTE)),
        ),
        sources=tuple(snapshot.sources[id_] for id_ in cited_in([row])),
        dataset=DatasetVersion(version=snapshot.version),
        links=links,
    )


def write_sentence(offered: OfferedPay) -> str:
    """ "The base pay range for this position is $161,000 - $225,000 per year." """
    pay = offered.range
    what = "base pay" if pay.min == pay.max else "base pay range"
    return f"The {what} for this position is {_in_full(offered)}."


def _in_full(offered: OfferedPay) -> str:
    """ "$161,000 - $225,000 per year"; "$15,000 per month ($180,000 per year)" if converted."""
    written = _per(offered.stated, offered.stated_period)
    if offered.stated_period == offered.period:
        return written
    return f"{written} ({_per(offered.range, offered.period)})"


def _per(pay: Interval, period: StatedPeriod) -> str:
    """Write a range with its period; with cents at both ends if one has cents."""
    ends = dict.fromkeys(_ends(pay))
    digits = 0 if all(float(end).is_integer() for end in ends) else 2
    unit = "two weeks" if period == "biweek" else period
    return f"{' - '.join(in_dollars(end, digits) for end in ends)} per {unit}"


def _ends(pay: Interval) -> tuple[float, float]:
    assert pay.max is not None  # the parser accepts no open-ended range
    return pay.min, pay.max


def build_fields(offered: OfferedPay) -> PostingFields:
    """Build the fields of each system, per year or hour."""
    pay, period = offered.range, offered.period
    return PostingFields(
        job_posting=_job_posting(pay, period),
        greenhouse=_greenhouse(pay, period, write_sentence(offered)),
        lever=_lever(pay, period, write_sentence(offered)),
        ashby=_ashby(pay, period, _in_full(offered)),
    )


def _job_posting(pay: Interval, period: PayPeriod) -> JobPostingFields:
    low, high = _ends(pay)
    value = PayValue(
        min_value=low, max_value=high, unit_text="YEAR" if period == "year" else "HOUR"
    )
    return JobPostingFields(base_salary=BaseSalary(currency="USD", value=value))


def _greenhouse(pay: Interval, period: PayPeriod, sentence: str) -> GreenhouseFields:
    low, high = _ends(pay)
    shown = GreenhouseRange(
        min_cents=in_cents(low),
        max_cents=in_cents(high),
        currency_type="USD",
        title=f"Base pay per {period}",
        blurb=sentence,
    )
    return GreenhouseFields(pay_input_ranges=(shown,))


def _lever(pay: Interval, period: PayPeriod, sentence: str) -> LeverFields:
    low, high = _ends(pay)
    return LeverFields(
        salary_range=LeverRange(
            currency="USD",
            interval="per-year-salary" if period == "year" else "per-hour-wage",
            min=low,
            max=high,
        ),
        salary_description_plain=sentence,
    )


def _ashby(pay: Interval, period: PayPeriod, summary: str) -> AshbyFields:
    low, high = _ends(pay)
    component = AshbyComponent(
        summary=summary,
        compensation_type="Salary",
        interval="1 YEAR" if period == "year" else "1 HOUR",
        currency_code="USD",
        min_value=low,
        max_value=high,
    )
    return AshbyFields(
        compensation=AshbyCompensation(
            compensation_tier_summary=summary,
            scrapeable_compensation_salary_summary=summary,
            compensation_tiers=(AshbyTier(tier_summary=summary, components=(component,)),),
        )
    )
