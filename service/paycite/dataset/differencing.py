"""Differencing attacks: what follows from several published statistics together.

Pay of a role over all levels, less that of each level but one, is the pay of that level; and what
was published before is known as well. A statistic is a set of contributions, and an attacker can
compute every linear combination of such sets. None may leave what one to four employers contribute.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from sys import maxsize
from typing import NamedTuple

from paycite.model.pool import FEWEST_CHANGES

_PRIME = 2**61 - 1  # elimination is modulo this, because fractions grow
_VALUE = maxsize  # the last column of an equation

_MOST_TRIED = 200  # groups of employers; what is not decided by then is not published

# Equations by their first column, which has the coefficient 1, each with the parts that it is from.
_Solved = dict[int, tuple[dict[int, int], frozenset["_Part"]]]


def employers_of(contributions: Collection[int]) -> frozenset[int]:
    """The employers, as numbers: the upper halves of what they contribute."""
    return frozenset(one >> 32 for one in contributions)


class PublishedSets:
    """What statistics that can be combined were computed from: sets of contributions.

    Contributions that are in the same sets cannot be distinguished, so they are kept together, by
    the numbers of the sets they are in, as bits.
    """

    def __init__(self) -> None:
        self._sets: set[frozenset[int]] = set()
        self._bits: dict[int, int] = {}
        self._alike: defaultdict[int, set[int]] = defaultdict(set)

    def add(self, contributions: Collection[int]) -> None:
        added = frozenset(contributions)
        if added in self._sets:
            return
        bit = 1 << len(self._sets)
        self._sets.add(added)
        for one in added:
            before = self._bits.get(one, 0)
            self._bits[one] = before | bit
            self._alike[before].discard(one)
            self._alike[before | bit].add(one)

    def isolate(self, contributions: Collection[int]) -> bool:
        """Whether a combination of the sets and this one leaves only what fewer than five employers
        contribute."""
        inside: defaultdict[int, set[int]] = defaultdict(set)
        for one in contributions:
            inside[self._bits.get(one, 0)].add(one)
        if len(employers_of(inside[0])) >= FEWEST_CHANGES:
            return False
        parts = []
        for bits in {*self._alike, 0}:
            alike = self._alike[bits] if bits else set()
            for is_inside, part in ((1, inside[bits]), (0, alike - inside[bits])):
                if part:
                    parts.append(_Part(bits, is_inside, employers_of(part)))
        many = [one for one in parts if len(one.employers) >= FEWEST_CHANGES]
        few = [one for one in parts if len(one.employers) < FEWEST_CHANGES]
        solved: _Solved = {}
        if _find_contradiction(many, solved) or not _find_contradiction(few, {**solved}):
            return False  # a set that is such a sum itself reveals nothing new
        return _is_sum_without(frozenset(), few, solved, set())


class _Part(NamedTuple):
    """The contributions that are in the same published sets, and in a new one or not."""

    bits: int
    is_inside: int
    employers: frozenset[int]


def _is_sum_without(
    left_out: frozenset[int],
    parts: Sequence[_Part],
    solved: _Solved,
    tried: set[frozenset[int]],
) -> bool:
    """Whether the new set is a sum of multiples of published ones, if these employers and more,
    fewer than five in all, are left out. Of parts that contradict each other, one has to be."""
    if left_out in tried:
        return False
    tried.add(left_out)
    left = [one for one in parts if not one.employers <= left_out]
    contradiction = _find_contradiction(left, {**solved})
    if not contradiction or len(tried) > _MOST_TRIED:
        return True
    more = (left_out | one.employers for one in contradiction)
    return any(
        _is_sum_without(one, parts, solved, tried) for one in more if len(one) < FEWEST_CHANGES
    )


def _find_contradiction(parts: Iterable[_Part], solved: _Solved) -> frozenset[_Part] | None:
    """Find parts in which no sum of multiples of the published sets is the new set, by Gaussian
    elimination with an equation for each part; `solved` gets those that do not follow from
    others."""
    for part in parts:
        row = {bit: 1 for bit in range(part.bits.bit_length()) if part.bits >> bit & 1}
        row |= {_VALUE: 1} if part.is_inside else {}
        used = frozenset({part})
        while row and (first := min(row)) in solved:
            other, others = solved[first]
            factor = row[first]
            for column, coefficient in other.items():
                if left := (row.get(column, 0) - factor * coefficient) % _PRIME:
                    row[column] = left
                else:
                    row.pop(column, None)
            used |= others
        if row:
            if first == _VALUE:
                return used
            inverse = pow(row[first], -1, _PRIME)
            row = {column: coefficient * inverse % _PRIME for column, coefficient in row.items()}
            solved[first] = (row, used)
    return None
