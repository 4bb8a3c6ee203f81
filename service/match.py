"""What people write, read into roles, levels and metros: ids, codes, names and aliases."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

from service.model.problem import Fault, Refusal
from service.model.snapshot import Snapshot
from service.model.vocabulary import Dimension, Level, Match, Method, Metro, Role, normal

Entry = TypeVar("Entry", Role, Level, Metro)

SUGGESTIONS = 3
_NEAR = 60  # of 100: what is further off helps nobody


def nearest(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names most like `text`, the likest first; none where none is like it."""
    found = process.extract(
        text,
        list(names),
        processor=normal,
        scorer=fuzz.WRatio,
        limit=SUGGESTIONS,
        score_cutoff=_NEAR,
    )
    return tuple(name for name, _, _ in found)


class Names(Generic[Entry]):
    """The names of one dimension, and what each means."""

    def __init__(
        self,
        dimension: Dimension,
        entries: Mapping[str, Entry],
        codes: Callable[[Entry], Iterable[str]],
        aliases: Callable[[Entry], Iterable[str]],
    ) -> None:
        self._dimension = dimension
        self._meanings: dict[str, tuple[Method, list[Entry]]] = {}
        for entry in entries.values():
            self._add("id", [entry.id], entry)
            self._add("code", codes(entry), entry)
            self._add("alias", aliases(entry), entry)

    def _add(self, method: Method, names: Iterable[str], entry: Entry) -> None:
        for name in map(normal, names):
            _, meanings = self._meanings.setdefault(name, (method, []))
            if entry not in meanings:
                meanings.append(entry)

    def read(self, text: str) -> tuple[Entry, Match]:
        """What `text` means, or Refusal: no such name, or more than one meaning."""
        if (known := self._meanings.get(normal(text))) is None:
            raise Refusal([self._unknown(text)])
        method, meanings = known
        if len(meanings) > 1:
            raise Refusal([self._ambiguous(text, meanings)])
        (entry,) = meanings
        return entry, Match(
            dimension=self._dimension,
            query=text,
            id=entry.id,
            method=method,
            score=100,
            alternatives=(),
        )

    def _unknown(self, text: str) -> Fault:
        names = nearest(text, self._meanings)
        ids = dict.fromkeys(entry.id for name in names for entry in self._meanings[name][1])
        return Fault(
            type=f"unknown-{self._dimension}",
            parameter=self._dimension,
            detail=f"No {self._dimension} is called {text!r}.",
            suggestions=tuple(ids),
        )

    def _ambiguous(self, text: str, meanings: Iterable[Entry]) -> Fault:
        ids = tuple(entry.id for entry in meanings)
        return Fault(
            type="ambiguous-metro" if self._dimension == "metro" else "ambiguous-title",
            parameter=self._dimension,
            detail=f"{text!r} means each of {', '.join(ids)}: ask with one of them.",
            suggestions=ids,
        )


class Vocabulary:
    """The names of a dataset's roles, levels and metros."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.roles = Names("role", snapshot.roles, _soc_codes, lambda r: (r.title, *r.titles))
        self.levels = Names("level", snapshot.levels, lambda _: (), lambda v: (v.title, *v.aliases))
        self.metros = Names("metro", snapshot.metros, _cbsa_codes, lambda m: (m.name, *m.aliases))


def _soc_codes(role: Role) -> Iterator[str]:
    """As SOC writes them, as databases do without the hyphen, and as O*NET does with `.00`."""
    for code in role.soc_codes:
        yield from (code, code.replace("-", ""), f"{code}.00")


def _cbsa_codes(metro: Metro) -> tuple[str, ...]:
    """Of a metropolitan area, its code; a region of several is not meant by one of them."""
    return metro.cbsa_codes if metro.kind == "metro" else ()


def level_of_years(years: float, levels: Mapping[str, Level]) -> tuple[Level, Match]:
    """The level of years of experience; never staff or principal, which take the word."""
    reached = [levels[id_] for id_ in ("entry", "mid", "senior") if levels[id_].min_years <= years]
    level = reached[-1]
    return level, Match(
        dimension="level",
        query=f"{years:g} years",
        id=level.id,
        method="years",
        score=100,
        alternatives=(),
    )


def refuse_contradiction(level: Level, years: float, levels: Mapping[str, Level]) -> None:
    """Refuse years below the level's minimum, and `entry` with a senior's years."""
    ceiling = levels["senior"].min_years
    if years < level.min_years:
        contradiction = f"{level.id} takes {level.min_years} years or more"
    elif level.id == "entry" and years >= ceiling:
        contradiction = f"entry takes fewer than {ceiling} years"
    else:
        return
    raise Refusal(
        [
            Fault(
                type="conflicting-parameters",
                parameter="years",
                detail=f"years={years:g} contradicts level={level.id}: {contradiction}.",
                suggestions=(level_of_years(years, levels)[0].id,),
            )
        ]
    )
