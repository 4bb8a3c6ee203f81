"""What common headers of exports mean: `Job Title`, `Work City`, `Expected Salary`."""

import re
from collections.abc import Collection
from typing import Literal

# Headers of exports of applicant-tracking, staffing and payroll systems, by what they mean.
_SPELLED: dict[str, tuple[str, ...]] = {
    "id": (
        *("placement id", "placement no", "placement nr", "placement number"),
        *("record id", "offer id", "placement ref", "placement reference"),
    ),
    "title": (
        *("job title", "position", "position title", "job", "job name", "title of position"),
        *("placement title", "job order title", "job position"),
    ),
    "occupation": ("soc", "soc code", "occupation code", "onet code", "onet soc code"),
    "level": ("seniority", "seniority level", "experience level", "job level", "career level"),
    "years": (
        *("years of experience", "years experience", "experience years", "yoe", "yrs exp"),
        *("yrs experience", "years exp", "yrs of experience", "total years of experience"),
    ),
    "place": (
        *("location", "job location", "work location", "office location", "client location"),
        *("city state", "city and state", "city st", "metro", "metro area", "worksite", "market"),
    ),
    "city": ("job city", "work city", "city name", "town", "client city", "worksite city"),
    "state": (
        *("job state", "work state", "st", "state code", "state province", "province state"),
        *("client state", "worksite state"),
    ),
    "zip": ("zip code", "postal code", "zip postal code", "postcode", "job zip", "work zip"),
    "period": (
        *("pay period", "salary period", "rate period", "pay type", "salary type", "rate type"),
        *("pay unit", "salary unit", "rate unit", "unit of pay", "pay basis", "salary basis"),
        *("per", "unit", "pay rate type", "salary or hourly", "hourly or salary", "wage type"),
    ),
    "currency": ("pay currency", "salary currency", "currency code", "rate currency"),
    "employer": (
        *("client", "client name", "client company", "company", "company name", "employer name"),
        *("customer", "customer name", "hiring company", "account name", "organization"),
    ),
    "date": (
        *("start date", "placement date", "date placed", "placed on", "hire date", "date of hire"),
        *("offer date", "date hired", "date started", "placed date", "date of placement", "start"),
    ),
}
_PAY = {"salary", "pay", "wage", "wages", "rate"}
_PAY_WORDS = {
    *("annual", "annualized", "yearly", "hourly", "monthly", "weekly", "daily", "base", "basic"),
    *("starting", "start", "gross", "offered", "agreed", "final", "accepted", "placement", "job"),
    *("per", "an", "a", "hour", "hr", "year", "yr", "annum", "month", "week", "day", "usd", "us"),
    *("in", "dollars", "amount", "range", "candidate", "employee"),
}
_LOW, _HIGH = {"min", "minimum", "low", "from"}, {"max", "maximum", "high", "to"}
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def split_header(header: str) -> list[str]:
    """The words of a header: `jobTitle`, `JOB_TITLE` and `Job Title:` are `job title`."""
    spelled = header.replace("%", " percent ").replace("#", " no ")
    return _WORD.findall(_CAMEL.sub(" ", spelled).casefold())


def squeeze_header(header: str) -> str:
    return "".join(split_header(header))


# By header without spaces and case.
HEADERS = {squeeze_header(one): meaning for meaning, several in _SPELLED.items() for one in several}


def find_pay(header: str, also: Collection[str] = ()) -> Literal["amount", "min", "max"] | None:
    """Read `Base Salary (USD)`, `Hourly Rate` and `Salary Min` by their words; `also` are other
    words that may be in it."""
    words = {*split_header(header)} - {*also}
    low, high = bool(_LOW & words), bool(_HIGH & words)
    is_base = "base" in words
    allowed = _PAY | _PAY_WORDS | _LOW | _HIGH | ({"comp", "compensation"} if is_base else set())
    if not (words & _PAY or is_base) or (low and high) or not words <= allowed:
        return None
    return "min" if low else "max" if high else "amount"
