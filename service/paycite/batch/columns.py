"""Map the columns of a CSV file to parameters by name, ignoring case and white space."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct
from rapidfuzz.distance import OSA

from paycite.match.amounts import parse_period
from paycite.model.parameters import Requested, SalaryParameters
from paycite.model.problem import Fault, Faults
from paycite.questions.parameters import printable, schemas
from paycite.tables.headers import HEADERS, find_pay, split_header, squeeze_header

# The parameters of a row; the dataset applies to the whole file.
ASKED = tuple(name for name in Requested.__struct_fields__ if name != "dataset")
# The JSON type of each: string, number, integer, boolean, or array of strings.
TYPES = {name: schemas(SalaryParameters)[name].get("type", "string") for name in ASKED}
PREFIX = "paycite_"  # of the appended columns

_SHOWN = 20
# What common headers mean, by parameter; an earlier one is preferred to a later one. Those in one
# tuple are parts that are read together.
_COMMON = {
    "role": (("title",), ("occupation",)),
    "level": (("level",),),
    "years": (("years",),),
    "metro": (("place",), ("city", "state"), ("zip",), ("city",), ("state",)),
    "offer": (("expected",), ("amount",)),
    "period": (("period",),),
}
_PARAMETERS = {one: name for name, choices in _COMMON.items() for parts in choices for one in parts}
_EXPECTED = {
    *("expected", "expectation", "expectations", "desired", "asking", "target", "requested"),
}


class Columns(Struct, frozen=True, kw_only=True):
    """Columns that are parameters under another name (`renamed`), and columns that are not
    parameters whatever their name (`ignored`).

    With `reads_common`, a parameter that no column names is read from common headers: `Job Title`,
    `City` and `State`, `Expected Salary`. Columns named `source`, `age` or `strict` are then about
    the candidate, not parameters."""

    renamed: Mapping[str, str] = {}
    ignored: Collection[str] = ()
    reads_common: bool = False

    def is_known(self, column: str) -> bool:
        """Whether a column shows that a line is the header."""
        is_common = self.reads_common and _find_meaning(column) is not None
        return self._asked(column) == "role" or is_common

    def places(self, header: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Find the positions of each parameter in a row: several for a city and its state. Refusal
        with every fault of the header."""
        faults = Faults([*self._absent(header), *_appended(header)])
        places: dict[str, tuple[int, ...]] = {}
        for place, column in enumerate(header):
            name = self._asked(column)
            if wrong := _wrong(column, name, places):
                faults.append(wrong)
            elif name in (_COMMON if self.reads_common else ASKED):
                places[name] = (place,)
        if self.reads_common:
            _add_common(header, places, faults)
        elif "role" in places:
            faults.extend(self._misnamed(header, places))
        if "role" not in places and not faults:
            shown = ", ".join(map(printable, header[:_SHOWN])) or "none"
            missing = "Missing column 'role'"
            if self.reads_common:
                missing = "No column has the job titles. Name it 'Job Title'"
            detail = f"{missing}. The file has: {shown}."
            faults.append(Fault(type="missing-parameter", parameter="role", detail=detail))
        faults.stop()
        return places

    def _asked(self, column: str) -> str:
        """Return the parameter of a column, if any; "" if the column is ignored."""
        name = _normal(column)
        renamed = {_normal(theirs): ours for theirs, ours in self.renamed.items()}
        return "" if name in map(_normal, self.ignored) else renamed.get(name, name)

    def _misnamed(self, header: Sequence[str], places: Collection[str]) -> Iterator[Fault]:
        """Refuse columns that mean a parameter which the file lacks: without its `location`, a row
        would be answered for the nation."""
        for column in header:
            is_asked = self._asked(column) in ("", *ASKED)
            name = None if is_asked else _PARAMETERS.get(_find_meaning(column) or "")
            if name and name not in places:
                why = f"may be the {name}, and no other is. Rename it to {name!r}, or leave it out"
                yield _fault("unknown-parameter", column, why, name)

    def _absent(self, header: Sequence[str]) -> Iterator[Fault]:
        names = set(map(_normal, header))
        for column in (*self.renamed, *self.ignored):
            if _normal(column) not in names:
                yield _fault("unknown-parameter", column, "is not in the file")


def find_unit(column: str) -> str | None:
    """The pay period that a header names: "hour" for `Hourly Rate`."""
    return next(filter(None, map(parse_period, split_header(column))), None)


def _find_meaning(column: str) -> str | None:
    squeezed = squeeze_header(column)
    if squeezed in ("title", "occupation", "place", "city", "state", "zip"):
        return squeezed
    if meaning := HEADERS.get(squeezed):
        return meaning
    if find_pay(column, _EXPECTED) != "amount":
        return None
    return "expected" if _EXPECTED & {*split_header(column)} else "amount"


def _add_common(header: Sequence[str], places: dict[str, tuple[int, ...]], faults: Faults) -> None:
    """Add each parameter that no column names, from the columns whose headers mean it."""
    means: dict[str, list[int]] = {}
    for place, column in enumerate(header):
        if meaning := _find_meaning(column):
            means.setdefault(meaning, []).append(place)
    for name, choices in _COMMON.items():
        parts = next((parts for parts in choices if {*parts} <= means.keys()), None)
        if name in places or parts is None:
            continue
        for part in parts:
            if len(means[part]) > 1:
                shown = " and ".join(repr(printable(header[place])) for place in means[part])
                detail = f"The columns {shown} may both be the {name}. Rename one to {name!r}."
                faults.append(Fault(type="repeated-parameter", parameter=name, detail=detail))
        places[name] = tuple(means[part][0] for part in parts)


def _normal(column: str) -> str:
    return "".join(column.split()).casefold()


def _appended(header: Sequence[str]) -> Iterator[Fault]:
    appended = [column for column in header if _normal(column).startswith(PREFIX)]
    if appended:
        why = f"is reserved for answers. Remove the columns that begin with {PREFIX}"
        yield _fault("invalid-value", appended[0], why)


def _wrong(column: str, name: str, places: Mapping[str, object]) -> Fault | None:
    if name in places:
        return _fault("repeated-parameter", column, f"is a second {name!r}. Keep one of them")
    if name == "dataset":
        why = "is not a column. Choose one dataset for the whole file"
        return _fault("unknown-parameter", column, why)
    for near in Requested.__struct_fields__:
        if OSA.distance(name, near) == 1:
            why = f"is too close to {near!r}. Rename it to {near!r}, or to something else"
            return _fault("unknown-parameter", column, why, near)
    return None


def _fault(type_: str, column: str, why: str, *suggestions: str) -> Fault:
    shown = printable(column)
    detail = f"The column {shown!r} {why}."
    return Fault(type=type_, parameter=shown, detail=detail, suggestions=suggestions)
