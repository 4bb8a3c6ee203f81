"""Differencing attacks: what follows from several published statistics together.

Pay of a role over all levels, less that of each level but one, is the pay of that level; and what
was published before is known as well. A statistic is a set of contributions, and an attacker can
compute every linear combination of such sets. None may leave what one to four employers contribute.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import islice
from operator import or_

from paycite.model.pool import FEWEST_CHANGES

_PRIME = 2**61 - 1  # elimination is modulo this, because fractions grow
_VALUE = -1  # the last column of an equation; the others are the numbers of published sets

_MOST_COMBINED = 100  # published sets, because the time of a check grows with their square
_MOST_TRIED = 200  # groups of employers; what is not decided by then is not published

_Employers = frozenset[int]
_Equation = dict[int, int]  # coefficients by column
_Part = tuple[_Equation, _Employers]  # for the contributions that are in the same sets
# Equations by their highest column, with the coefficient 1, each with the employers of its parts.
_Solved = dict[int, tuple[_Equation, frozenset[_Employers]]]


def employers_of(contributions: Iterable[int]) -> _Employers:
    """The employers, as numbers: the upper halves of what they contribute."""
    return frozenset(one >> 32 for one in contributions)


class PublishedSets:
    """What statistics that can be combined were computed from: sets of contributions.

    Contributions that are in the same sets cannot be distinguished, so they are kept together, by
    the numbers of the sets they are in, as bits.
    """

    def __init__(self) -> None:
        self._sets: dict[frozenset[int], None] = {}
        self._bits: dict[int, int] = {}
        self._alike: defaultdict[int, set[int]] = defaultdict(set)

    def add(self, contributions: Collection[int]) -> None:
        added = frozenset(contributions)
        if added in self._sets:
            return
        bit = 1 << len(self._sets)
        self._sets[added] = None
        for one in added:
            before = self._bits.get(one, 0)
            self._bits[one] = before | bit
            self._alike[before].discard(one)
            self._alike[before | bit].add(one)

    def isolate(self, contributions: Collection[int]) -> bool:
        """Whether a combination of the sets and this one leaves only what fewer than five employers
        contribute. Of many sets, those that overlap most with this one are combined."""
        inside: defaultdict[int, set[int]] = defaultdict(set)
        for one in contributions:
            inside[self._bits.get(one, 0)].add(one)
        if len(employers_of(inside[0])) >= FEWEST_CHANGES:
            return False
        if any(self._is_divided(bits, part) for bits, part in inside.items()):
            return False
        parts = self._list_parts(inside)
        solved: _Solved = {}
        if _find_contradiction((one for one in parts if _has_many(one)), solved):
            return False
        few = [(_reduce(one[0], solved)[0], one[1]) for one in parts if not _has_many(one)]
        few = _connect(few)
        # A set that is such a sum itself reveals nothing new.
        return bool(_find_contradiction(few, {})) and _is_sum_without(frozenset(), few, set())

    def _is_divided(self, bits: int, inside: Collection[int]) -> bool:
        """Whether many employers are in a set and as many not, in the same other sets: no multiples
        of those can differ between them."""
        parts = (inside, self._alike.get(bits, set()).difference(inside))
        return all(len(employers_of(part)) >= FEWEST_CHANGES for part in parts)

    def _list_parts(self, inside: Mapping[int, set[int]]) -> list[_Part]:
        """List the parts that the sets and a new one divide all contributions into, the simplest
        equations first."""
        combined = self._choose(inside)
        employers: defaultdict[tuple[int, bool], set[int]] = defaultdict(set)
        for bits, part in inside.items():
            employers[bits & combined, True] |= employers_of(part)
        for bits, alike in self._alike.items():
            if bits & combined:
                found = employers[bits & combined, False]
                if len(found) < FEWEST_CHANGES:
                    found |= employers_of(alike - inside.get(bits, set()))
        simplest = sorted(employers.items(), key=lambda one: (one[0][0].bit_count(), one[0]))
        return [
            (dict.fromkeys((*_columns(bits), *[_VALUE] * is_inside), 1), frozenset(found))
            for (bits, is_inside), found in simplest
            if found
        ]

    def _choose(self, inside: Mapping[int, set[int]]) -> int:
        """Choose the sets to combine with a new one, as bits: those with the largest shares in it
        and in the sets that overlap with it."""
        if len(self._sets) <= _MOST_COMBINED:
            return -1
        touched = reduce(or_, inside)
        sizes = [*map(len, self._sets)]
        shares: defaultdict[int, float] = defaultdict(float)
        for bits, alike in self._alike.items():
            if bits & touched:
                near = len(inside.get(bits, ())) + len(alike)
                for column in _columns(bits):
                    shares[column] += near / sizes[column]
        nearest = sorted(shares, key=lambda column: -shares[column])[:_MOST_COMBINED]
        return sum(1 << column for column in nearest)


def _columns(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _has_many(part: _Part) -> bool:
    return len(part[1]) >= FEWEST_CHANGES


def _connect(parts: Sequence[_Part]) -> list[_Part]:
    """The parts whose equations have a value, or share a column with one of these parts: the
    others cannot contradict them."""
    by_column: defaultdict[int, list[int]] = defaultdict(list)
    for number, (equation, _) in enumerate(parts):
        for column in equation:
            by_column[column].append(number)
    found: dict[int, None] = {}
    reached = {_VALUE: None}
    columns = [_VALUE]
    for column in columns:
        for number in by_column[column]:
            found[number] = None
            columns += (more := parts[number][0].keys() - reached.keys())
            reached |= dict.fromkeys(more)
    return [parts[number] for number in found]


def _is_sum_without(left_out: _Employers, parts: Sequence[_Part], tried: set[_Employers]) -> bool:
    """Whether the new set is a sum of multiples of published ones, if these employers and more,
    fewer than five in all, are left out: at least one of each contradiction."""
    if left_out in tried:
        return False
    tried.add(left_out)
    left = [(equation, employers - left_out) for equation, employers in parts]
    most = FEWEST_CHANGES - len(left_out)
    contradictions = [*islice(_list_contradictions(left), most)]
    if len(contradictions) == most:
        return False
    if not contradictions or len(tried) > _MOST_TRIED:
        return True
    more = (left_out | one for one in contradictions[0])
    return any(_is_sum_without(one, parts, tried) for one in more if len(one) < FEWEST_CHANGES)


def _list_contradictions(parts: Iterable[_Part]) -> Iterator[frozenset[_Employers]]:
    """List contradictions that have no employer in common."""
    left = [(equation, employers) for equation, employers in parts if employers]
    while found := _find_contradiction(left, {}):
        yield found
        known = frozenset[int]().union(*found)
        left = [(equation, employers) for equation, employers in left if not employers & known]


def _find_contradiction(parts: Iterable[_Part], solved: _Solved) -> frozenset[_Employers]:
    """Find parts in which no sum of multiples of the published sets is the new set, by Gaussian
    elimination with an equation for each part, and return their employers; `solved` gets the
    equations that do not follow from others."""
    for equation, employers in parts:
        row, used = _reduce(equation, solved)
        if row:
            highest = max(row)
            if highest == _VALUE:
                return used | {employers}
            inverse = pow(row[highest], -1, _PRIME)
            row = {column: coefficient * inverse % _PRIME for column, coefficient in row.items()}
            solved[highest] = (row, used | {employers})
    return frozenset()


def _reduce(equation: _Equation, solved: _Solved) -> tuple[_Equation, frozenset[_Employers]]:
    """Eliminate the columns of solved equations; also return the employers of those used."""
    row, left, used = dict(equation), _Equation(), set[_Employers]()
    while row:
        highest = max(row)
        if highest not in solved:
            left[highest] = row.pop(highest)
            continue
        other, others = solved[highest]
        factor = row[highest]
        for column, coefficient in other.items():
            if rest := (row.get(column, 0) - factor * coefficient) % _PRIME:
                row[column] = rest
            else:
                row.pop(column, None)
        used |= others
    return left, frozenset(used)
