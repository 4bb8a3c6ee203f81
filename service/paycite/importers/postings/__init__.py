"""Import job postings with schema.org markup (JobPosting in JSON-LD).

The properties are those of https://schema.org/JobPosting. Those that do not affect pay, such as
`description` and `validThrough`, are ignored.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path

from paycite.importers.common.fields import (
    HOW_READ,
    FieldParser,
    Pay,
    RowRefused,
    agreed_period,
    annual_pay,
    parse_date,
    parse_range,
    parse_stated_pay,
)
from paycite.importers.common.progress import Progress
from paycite.importers.common.records import cell_text, content_id, refuse_row
from paycite.importers.postings.files import Properties, postings
from paycite.model.observation import Observation, RefusedRow

NOTE = (
    "Pay that employers advertise (baseSalary of JobPosting, never estimatedSalary) for work that "
    f"is full-time or does not say. {HOW_READ}"
)

_SOC_CODE = re.compile(r"\b\d\d-\d{4}(\.\d\d)?\b")
_UNITED_STATES = {"us", "usa", "united states", "united states of america", "u.s.", "u.s.a."}
# Also a country of its own in ISO 3166-1, by the names it has there.
_PUERTO_RICO = {"pr", "pri", "puerto rico"}


def read_observations(
    files: Sequence[Path], parser: FieldParser, progress: Progress = lambda _: None
) -> Iterator[Observation | RefusedRow]:
    """Yield an observation for each place of each posting, and the refused ones. ImportRefused for
    a file of another format."""
    for file in files:
        for place, posting in postings(file, progress):
            if isinstance(posting, RefusedRow):
                yield posting
                continue
            try:
                yield from _observations(place, posting, parser)
            except RowRefused as error:
                yield refuse_row(place, error.reason, error.value)


def _observations(
    place: str, posting: Properties, parser: FieldParser
) -> Iterator[Observation | RefusedRow]:
    """Yield one observation for each place. A place may be refused without the others."""
    _refuse_not_full_time(posting.get("employmentType"))
    low, high = _pay(posting)
    title = _words(posting.get("title")) or None
    parser.check_full_time(title)
    role, occupation, level = parser.parse_job(
        title, _soc_code(posting.get("occupationalCategory"))
    )
    employer = _name(posting.get("hiringOrganization")) or None
    posted = _words(posting.get("datePosted"))
    day = parse_date(posted) if posted else None
    stated_id = _id(posting, employer)
    seen = set()
    for count, location in enumerate(_locations(posting, parser), start=1):
        try:
            where = _place(location)
            geography = parser.parse_place(where)
        except RowRefused as error:
            yield refuse_row(place, error.reason, error.value)
            continue
        if geography in seen:
            continue
        seen.add(geography)
        yield Observation(
            id=_of_place(stated_id, count)
            or content_id([title, employer, posted, low, high, where]),
            role=role,
            occupation=occupation,
            level=level,
            geography=geography,
            title=title,
            place=where,
            employer=employer,
            low=low,
            high=high,
            component="base",
            kind="advertised",
            date=day,
        )


def _refuse_not_full_time(stated: object) -> None:
    for one in stated if isinstance(stated, list) else [stated]:
        for word in _words(one).split(","):
            if re.sub(r"[\W_]", "", word.lower()) not in ("", "fulltime"):
                raise RowRefused("the employment is not only full-time", _words(one))


def _pay(posting: Properties) -> Pay:
    salary = _one(posting.get("baseSalary"))
    if not salary:
        estimated = posting.get("estimatedSalary")
        if estimated:
            raise RowRefused("the salary is an estimate, not an offer", estimated)
        raise RowRefused("the row has no pay", "")
    if isinstance(salary, str):
        return _pay_in_words(salary)
    if not isinstance(salary, dict):
        raise RowRefused("the salary has no currency and no unitText", salary)
    value = _one(salary.get("value"))
    inner = value if isinstance(value, dict) else {"value": value}
    currency = _find_property(
        "currency", salary, inner, {"currency": posting.get("salaryCurrency")}
    )
    if currency.upper() != "USD":
        raise RowRefused("the currency is missing or not USD", currency)
    unit = _find_property("unitText", salary, inner) or _find_property("unitCode", salary, inner)
    ends = _find_property("minValue", salary, inner), _find_property("maxValue", salary, inner)
    stated = parse_range(_words(inner.get("value")), *ends)
    period = agreed_period(stated, unit)
    if not period:
        raise RowRefused("the salary has no unitText, so its period is unknown", salary)
    return annual_pay(stated.low, stated.high, period)


def _pay_in_words(salary: str) -> Pay:
    """Pay as a text, which must say its currency and period: "$120,000 - $150,000 per year"."""
    text = _words(salary)
    if not parse_stated_pay("salary", text).says_dollars:
        raise RowRefused("the salary has no currency and no unitText", salary)
    stated = parse_range(text, None, None)
    if not stated.period:
        raise RowRefused("the salary has no unitText, so its period is unknown", salary)
    return annual_pay(stated.low, stated.high, stated.period)


def _find_property(name: str, *things: Properties) -> str:
    """The value of a property that may be in any of the objects; empty if it is in none."""
    found = sorted({_words(thing.get(name)) for thing in things} - {""})
    if len(found) > 1:
        raise RowRefused(f"{name} has two different values", " and ".join(found))
    return "".join(found)


def _soc_code(category: object) -> str | None:
    """The SOC code in `occupationalCategory` ("15-1252.00 Software Developers"), if just one."""
    stated = category if isinstance(category, list) else [category]
    texts = [one.get("codeValue") if isinstance(one, dict) else one for one in stated]
    found = {code[0] for one in texts for code in _SOC_CODE.finditer(_words(one))}
    return found.pop() if len(found) == 1 else None


def _of_place(id_: str, count: int) -> str:
    return f"{id_}#{count}" if id_ and count > 1 else id_


def _id(posting: Properties, employer: str | None) -> str:
    """The employer's identifier, or else the URL; empty if the posting has neither."""
    identifier = posting.get("identifier")
    first = identifier[0] if isinstance(identifier, list) and identifier else identifier
    value = _words(first.get("value") if isinstance(first, dict) else first)
    if value:
        return f"{employer}/{value}" if employer else value
    return _words(posting.get("url"))


# Places.


def _locations(posting: Properties, parser: FieldParser) -> Sequence[object]:
    """The values of `jobLocation`. A single None for work from anywhere in the country, and if
    no place is given."""
    stated = posting.get("jobLocation")
    if stated:
        return stated if isinstance(stated, list) else [stated]
    allowed = posting.get("applicantLocationRequirements") or []
    names = [_name(one) for one in (allowed if isinstance(allowed, list) else [allowed])]
    if names and not any(_is_in_the_country(name, parser) for name in names):
        raise RowRefused("the place is outside the United States", ", ".join(names))
    return [None]


def _is_in_the_country(name: str, parser: FieldParser) -> bool:
    try:
        return bool(parser.parse_place(name))
    except RowRefused:
        return False


def _place(location: object) -> str | None:
    """Write a place as people do: `Oakland, CA 94607`."""
    if not isinstance(location, dict):
        return _words(location) or None
    address = _one(location.get("address", location))
    if not isinstance(address, dict):
        return _words(address)
    country = _name(address.get("addressCountry"))
    is_puerto_rico = country.lower() in _PUERTO_RICO
    if country and not is_puerto_rico and country.lower() not in _UNITED_STATES:
        raise RowRefused("the place is outside the United States", country)
    city, region = (_name(address.get(name)) for name in ("addressLocality", "addressRegion"))
    named = ", ".join(filter(None, (city, "PR" if is_puerto_rico else region)))
    written = f"{named} {_words(address.get('postalCode'))}".strip()
    if not (found := written or country or _words(location.get("name"))):
        raise RowRefused("the place has neither an address nor a name", location)
    return found


# Values. JSON-LD may have a list of one instead of the value, and an object instead of its name.


def _one(value: object) -> object:
    if isinstance(value, list):
        if len(value) > 1:
            raise RowRefused("several values where one is expected", value)
        return value[0] if value else None
    return value


def _words(value: object) -> str:
    return " ".join(unescape(cell_text(_one(value))).split())


def _name(thing: object) -> str:
    thing = _one(thing)
    return _words(thing.get("name") if isinstance(thing, dict) else thing)
