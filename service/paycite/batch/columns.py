"""Map the columns of a CSV file to parameters by name, ignoring case and white space."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct
from rapidfuzz.distance import OSA

from paycite.model.parameters import Requested, SalaryParameters
from paycite.model.problem import Fault, Faults
from paycite.questions.parameters import printable, schemas

# The parameters of a row; the dataset applies to the whole file.
ASKED = tuple(name for name in Requested.__struct_fields__ if name != "dataset")
# The JSON type of each: string, number, integer, boolean, or array of strings.
TYPES = {name: schemas(SalaryParameters)[name].get("type", "string") for name in ASKED}
PREFIX = "paycite_"  # of the appended columns

_SHOWN = 20


class Columns(Struct, frozen=True, kw_only=True):
    """Columns that are parameters under another name (`renamed`), and columns that are not
    parameters whatever their name (`ignored`)."""

    renamed: Mapping[str, str] = {}
    ignored: Collection[str] = ()

    def is_role(self, column: str) -> bool:
        return self._asked(column) == "role"

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Find the position of each parameter in a row. Refusal with every fault of the header."""
        faults = Faults([*self._absent(header), *_appended(header)])
        places: dict[str, int] = {}
        for place, column in enumerate(header):
            name = self._asked(column)
            if wrong := _wrong(column, name, places):
                faults.append(wrong)
            elif name in ASKED:
                places[name] = place
        if "role" not in places and not faults:
            shown = ", ".join(map(printable, header[:_SHOWN])) or "none"
            detail = f"Missing column 'role'. The file has: {shown}."
            faults.append(Fault(type="missing-parameter", parameter="role", detail=detail))
        faults.stop()
        return places

    def _asked(self, column: str) -> str:
        """Return the parameter of a column, if any; "" if the column is ignored."""
        name = _normal(column)
        renamed = {_normal(theirs): ours for theirs, ours in self.renamed.items()}
        return "" if name in map(_normal, self.ignored) else renamed.get(name, name)

    def _absent(self, header: Sequence[str]) -> Iterator[Fault]:
        names = set(map(_normal, header))
        for column in (*self.renamed, *self.ignored):
            if _normal(column) not in names:
                yield _fault("unknown-parameter", column, "is not in the file")


def _normal(column: str) -> str:
    return "".join(column.split()).casefold()


def _appended(header: Sequence[str]) -> Iterator[Fault]:
    appended = [column for column in header if _normal(column).startswith(PREFIX)]
    if appended:
        why = f"is reserved for answers. Remove the columns that begin with {PREFIX}"
        yield _fault("invalid-value", appended[0], why)


def _wrong(column: str, name: str, places: Mapping[str, int]) -> Fault | None:
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
