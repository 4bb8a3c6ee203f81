"""The words around an amount of pay, and what they mean."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from paycite.match.other_work import CONTRACTOR
from paycite.model.pay import StatedPeriod

UNITS: Mapping[str, StatedPeriod] = {
    **dict.fromkeys(("year", "years", "yr", "yrs", "annum", "y"), "year"),
    **dict.fromkeys(("month", "months", "mo", "mos", "mth"), "month"),
    **dict.fromkeys(("biweek", "fortnight"), "biweek"),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), "week"),
    **dict.fromkeys(("day", "days", "diem"), "day"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), "hour"),
}
_ADVERBS: Mapping[str, StatedPeriod] = {
    **dict.fromkeys(("annual", "annually", "annualized", "yearly", "pa"), "year"),
    "monthly": "month",
    "semimonthly": "half-month",
    **dict.fromkeys(("biweekly", "fortnightly"), "biweek"),
    "weekly": "week",
    "daily": "day",
    "hourly": "hour",
}
_PHRASES: Sequence[tuple[tuple[str, ...], StatedPeriod]] = (
    (("semi", "monthly"), "half-month"),
    (("semi", "month"), "half-month"),
    (("half", "month"), "half-month"),
    (("twice", "a", "month"), "half-month"),
    (("twice", "monthly"), "half-month"),
    (("bi", "weekly"), "biweek"),
    (("bi", "week"), "biweek"),
    (("two", "weeks"), "biweek"),
    (("2", "weeks"), "biweek"),
    (("other", "week"), "biweek"),
    (("p", "a"), "year"),
    (("p", "h"), "hour"),
)
_PHRASE_STARTS = {words[0] for words, _ in _PHRASES}
_PER = {"/", "per", "a", "an", "each", "every", "p"}
_INSIDE = {"-", ".", "/", "\N{NON-BREAKING HYPHEN}", "\N{HYPHEN}"}  # inside a phrase: "bi-weekly"
_SAME_UNITS = {"bimonthly"}  # twice a month or every two months


class Token(NamedTuple):
    """A number, a word or a sign, in lower case; whether a blank precedes it."""

    text: str
    is_spaced: bool

    @property
    def is_number(self) -> bool:
        return self.text[0] in "0123456789"

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


class Period(NamedTuple):
    """A period, or the unit that is none ("project"), and the index of the token after it."""

    period: StatedPeriod | None
    unknown: str
    end: int


def find_period(tokens: Sequence[Token], start: int, *, bare: bool = False) -> Period | None:
    """Find the pay period at a token: "per year", "/hr", "an hour", "annually". With `bare`, a unit
    alone is one too, as in "$60 hr"."""
    if start >= len(tokens):
        return None
    text = tokens[start].text
    if text in _SAME_UNITS:
        return Period(None, text, start + 1)
    if found := _phrase(tokens, start):
        return found
    if text in _ADVERBS:
        return Period(_ADVERBS[text], "", start + 1)
    if text in _PER:
        after = start + 1
        if after < len(tokens) and tokens[after].text == "per":
            after += 1
        if found := _phrase(tokens, after) or _unit(tokens, after):
            return found
        if text == "per" and after < len(tokens) and tokens[after].text[0].isalnum():
            return Period(None, tokens[after].text, after + 1)
    return _unit(tokens, start) if bare else None


def _unit(tokens: Sequence[Token], at: int) -> Period | None:
    found = UNITS.get(tokens[at].text) if at < len(tokens) else None
    return Period(found, "", _skip_dot(tokens, at + 1)) if found else None


def _phrase(tokens: Sequence[Token], start: int) -> Period | None:
    if start >= len(tokens) or tokens[start].text not in _PHRASE_STARTS:
        return None
    for words, period in _PHRASES:
        at = start
        for count, word in enumerate(words):
            if count and at < len(tokens) and tokens[at].text in _INSIDE:
                at += 1
            if at >= len(tokens) or tokens[at].text != word:
                break
            at += 1
        else:
            return Period(period, "", _skip_dot(tokens, at))
    return None


def _skip_dot(tokens: Sequence[Token], at: int) -> int:
    """Skip the dot of an abbreviation, as in "/Yr."."""
    return at + 1 if at < len(tokens) and tokens[at].text == "." else at


DOLLARS = {"$", "usd", "dollar", "dollars"}
# Before a "$" without a blank: dollars of other countries, and the Brazilian real.
OTHER_DOLLARS = {
    *("c", "ca", "can", "cad", "cdn", "a", "au", "aud", "nz", "nzd", "s", "sg", "sgd", "hk"),
    *("hkd", "r", "mx", "mxn", "nt", "twd"),
}
CURRENCIES = {
    *("cad", "cdn", "aud", "nzd", "sgd", "hkd", "eur", "euro", "euros", "gbp", "chf", "jpy"),
    *("inr", "mxn", "brl", "sek", "nok", "dkk", "pln", "czk", "huf", "bgn", "zar", "ils", "nis"),
    *("aed", "sar", "qar", "krw", "cny", "rmb", "twd", "thb", "myr", "idr", "vnd", "ngn", "kes"),
    *("egp", "uah", "rub", "ars", "clp", "pkr", "bdt", "lkr", "pound", "pounds", "sterling"),
    *("rupee", "rupees", "lpa", "lakh", "lakhs", "lac", "lacs", "crore", "crores", "yen", "yuan"),
    *("franc", "francs", "peso", "pesos", "zloty", "krona", "kronor", "kroner", "canadian"),
    *("australian", "bitcoin", "btc"),
}
# Currency codes that are also words or names: only next to an amount.
CURRENCIES_BESIDE = {"php", "try", "cop", "pen", "ron", "mad", "rs", "eth", "sol", "kr", "fr"}

TOTAL = {"total", "earnings", "ote", "tc", "ctc", "package"}
TOTAL_PHRASES = (
    *(("on", "target"), ("all", "in"), ("cost", "to", "company")),
    *(("commission", "only"), ("%", "commission")),
)
INCLUDING = {"including", "incl", "inclusive", "included", "includes"}
ELEMENTS = {
    *("bonus", "bonuses", "equity", "stock", "stocks", "options", "option", "rsu", "rsus", "esop"),
    *("shares", "commission", "commissions", "signing", "sign", "signon", "relocation", "stipend"),
    *("stipends", "allowance", "referral", "reimbursement", "budget", "credit"),
    *("incentive", "incentives", "variable", "tips", "overtime", "differential", "match", "grant"),
    *("raised", "raise", "funding", "funded", "series", "revenue", "valuation", "arr", "aum"),
    *("insurance", "tuition", "retention", "profit", "vsop", "tokens", "superannuation", "super"),
}
ON_TOP = ELEMENTS | {"benefits", "perks", "insurance"}
# Beside an amount, "contract" is a contractor's work as well; in a title, it may be a field.
CONTRACT = {**CONTRACTOR, ("contract",): "contract"}
LISTING = {"or", "nor", "and", "/", ",", "&", "on"}  # between these: "no C2C or 1099"
BASE = {"base", "salary", "salaries", "wage", "wages", "pay", "salaried", "rate"}

COUNTED = {*UNITS, "yoe", "people", "employees", "employee", "person", "times"} - {"h", "y"}
PERCENT = {"%", "percent", "pct", "bps", "\N{PER MILLE SIGN}"}
# A small number after one of these is not pay: "Grade 13 - $103,409".
LABELS = {"level", "grade", "band", "tier", "zone", "step", "gs", "no", "#"}
PLANS = {"401": "401(k)", "403": "403(b)", "457": "457(b)"}

DASHES = {
    *("-", "\N{NON-BREAKING HYPHEN}", "\N{HYPHEN}", "\N{FIGURE DASH}", "\N{EN DASH}"),
    *("\N{EM DASH}", "\N{HORIZONTAL BAR}", "\N{MINUS SIGN}"),
}
TO = {"to", "through", "thru"}
JOINERS = DASHES | TO
SPLITTERS = {",", ";", "|", "\N{BULLET}", "\N{MIDDLE DOT}", "(", ")", "[", "]", "\n", *DASHES}
ADDING = {"+", "plus", "and", "with", "w", "&"}  # what follows comes on top of the amount
ABBREVIATIONS = {"incl", "approx", "min", "max", "sr", "jr", "ca", "est", "avg", "no", "req"}

LOWEST = {"min", "minimum", "low", "lowest", "floor", "starting"}
HIGHEST = {"max", "maximum", "high", "highest", "ceiling", "top"}
MORE = {"more", "up", "above", "higher", "over", "upwards", "beyond"}
# Before an amount. After "no" or "not", each means the opposite: "no more than".
OPEN_BEFORE = (
    *(("from",), ("over",), ("above",), (">",), ("\N{GREATER-THAN OR EQUAL TO}",)),
    *(("at", "least"), ("starting", "at"), ("starting", "from"), ("starts", "at"), ("start", "at")),
    *(("more", "than"), ("upwards", "of"), ("north", "of"), ("exceeding",), ("exceed",)),
)
CAP_BEFORE = (
    *(("up", "to"), ("upto",), ("under",), ("below",), ("less", "than"), ("as", "high", "as")),
    *(("<",), ("\N{LESS-THAN OR EQUAL TO}",), ("capped", "at")),
)
LESS = {"less", "below", "under", "lower"}
NOT = {"no", "not", "never"}
OPERATORS = {"\N{PLUS-MINUS SIGN}", "x", "*", "\N{MULTIPLICATION SIGN}", "minus"}
COMPARED = MORE | LESS | {"of", "than", "off"}
AFTER_TAXES = (("net",), ("take", "home"), ("after", "tax"), ("after", "taxes"), ("post", "tax"))
